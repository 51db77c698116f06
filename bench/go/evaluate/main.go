// Program evaluate measures how often containers/image judges one image by one policy in a second, on one core.
//
// Standard input is {"identity", "source", "policy", "seconds"}, standard output {"perSecond", "verdict"}. The policy is
// parsed once and its context kept, as a program that judges many images would; the reference reads the key files and the
// directory's signatures anew for each of them. Built with the tag containers_image_openpgp it uses go-crypto, without it
// GnuPG through gpgme.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/sirupsen/logrus"
	"go.podman.io/image/v5/directory"
	"go.podman.io/image/v5/image"
	"go.podman.io/image/v5/signature"
	"go.podman.io/image/v5/transports/alltransports"
)

type request struct {
	Identity string  `json:"identity"`
	Source   string  `json:"source"`
	Policy   string  `json:"policy"`
	Seconds  float64 `json:"seconds"`
}

func main() {
	logrus.SetLevel(logrus.PanicLevel)
	runtime.GOMAXPROCS(1)
	var r request
	if err := json.NewDecoder(os.Stdin).Decode(&r); err != nil {
		fatal(err)
	}
	evaluate, err := prepare(r)
	if err != nil {
		fatal(err)
	}
	allowed, err := evaluate()
	if err != nil {
		fatal(err)
	}
	// Processor time, of gpg's processes too: other programs on the machine do not count.
	var best float64
	for range 5 {
		before, count := processorSeconds(), 0
		for end := time.Now().Add(time.Duration(r.Seconds / 5 * float64(time.Second))); time.Now().Before(end); count++ {
			if _, err := evaluate(); err != nil {
				fatal(err)
			}
		}
		best = max(best, float64(count)/(processorSeconds()-before))
	}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"perSecond": best, "allowed": allowed})
}

// prepare does once what need not be done for each image. What remains is what the reference does for each.
func prepare(r request) (func() (bool, error), error) {
	ctx := context.Background()
	policy, err := signature.NewPolicyFromFile(r.Policy)
	if err != nil {
		return nil, err
	}
	pc, err := signature.NewPolicyContext(policy)
	if err != nil {
		return nil, err
	}
	identity, err := alltransports.ParseImageName(r.Identity)
	if err != nil {
		return nil, err
	}
	ref, err := directory.NewReference(r.Source)
	if err != nil {
		return nil, err
	}
	src, err := ref.NewImageSource(ctx, nil)
	if err != nil {
		return nil, err
	}
	return func() (bool, error) {
		unparsed := image.UnparsedInstance(src, nil)
		return pc.IsRunningImageAllowed(ctx, image.UnparsedInstanceWithReference(unparsed, identity))
	}, nil
}

func processorSeconds() float64 {
	var total time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var usage syscall.Rusage
		if err := syscall.Getrusage(who, &usage); err != nil {
			fatal(err)
		}
		total += time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	return total.Seconds()
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "evaluate:", err)
	os.Exit(1)
}
