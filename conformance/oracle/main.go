// Program oracle tells the verdict of containers/image (go.podman.io/image/v5) on one request a line.
//
// It reads JSON Lines on standard input and answers with JSON Lines on standard output, in the order of the requests,
// until its input ends; it may be kept alive between batches. Which OpenPGP back end judges is decided when it is built:
// with the tag containers_image_openpgp it is go-crypto, with containers_image_sequoia it is Sequoia through the library
// podman-sequoia, without either GnuPG through gpgme.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/sirupsen/logrus"
)

// request is one image to judge. Paths are absolute.
type request struct {
	ID            string `json:"id"`
	Identity      string `json:"identity"`
	Source        string `json:"source"`
	Policy        string `json:"policy"`
	RequireSigned bool   `json:"requireSigned"`
}

// answer is the reference's verdict on one request; error is its text, for reading only.
type answer struct {
	ID      string  `json:"id"`
	Verdict verdict `json:"verdict"`
	Error   *string `json:"error"`
	// Also lists what else made no sense, where the verdict is policyError or identityError.
	Also []verdict `json:"also,omitempty"`
}

func main() {
	workers := flag.Int("workers", 2, "how many requests are judged at once")
	worker := flag.Bool(workerFlag, false, "judge one request after the other in this process (for internal use)")
	flag.Parse()
	logrus.SetLevel(logrus.PanicLevel)
	if *worker {
		if err := work(); err != nil {
			fmt.Fprintln(os.Stderr, "oracle:", err)
			os.Exit(1)
		}
		return
	}
	remove, err := isolate()
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
	err = serve(*workers)
	remove()
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

// isolate points everything the reference looks up in the user's home or in the system's configuration at an empty
// directory, so that a verdict depends on the request alone. The result removes that directory.
func isolate() (func(), error) {
	home, err := os.MkdirTemp("", "oracle-")
	if err != nil {
		return nil, err
	}
	storage := fmt.Sprintf("[storage]\ndriver = \"vfs\"\ngraphroot = %q\nrunroot = %q\n",
		filepath.Join(home, "graph"), filepath.Join(home, "run"))
	conf := filepath.Join(home, "storage.conf")
	if err := os.WriteFile(conf, []byte(storage), 0o600); err != nil {
		return nil, err
	}
	for name, value := range map[string]string{
		"HOME": home, "XDG_RUNTIME_DIR": home, "GNUPGHOME": home, "TMPDIR": home, "CONTAINERS_STORAGE_CONF": conf,
		"KUBECONFIG": filepath.Join(home, "kubeconfig"), "LC_ALL": "C",
		// Empty: Sequoia's standard policy, whatever the host's crypto-policies say.
		"SEQUOIA_CRYPTO_POLICY": "",
	} {
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
	}
	return func() { os.RemoveAll(home) }, nil
}

// serve keeps the order of the requests: the queue holds one place per request, filled by whichever worker takes it.
func serve(workers int) error {
	type job struct {
		line []byte
		done chan answer
	}
	jobs := make(chan job)
	places := make(chan chan answer, 4*workers)
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			process := &workerProcess{}
			defer process.stop()
			for j := range jobs {
				j.done <- process.ask(j.line)
			}
		})
	}
	readError := make(chan error, 1)
	go func() {
		defer close(places)
		defer close(jobs)
		lines := bufio.NewReaderSize(os.Stdin, 1<<16)
		for {
			line, err := lines.ReadBytes('\n')
			if len(line) > 1 {
				done := make(chan answer, 1)
				places <- done
				jobs <- job{line, done}
			}
			if err != nil {
				readError <- nil
				return
			}
		}
	}()
	out := bufio.NewWriter(os.Stdout)
	for place := range places {
		text, err := json.Marshal(<-place)
		if err != nil {
			return err
		}
		if _, err := out.Write(append(text, '\n')); err != nil {
			return err
		}
		if len(places) == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
	running.Wait()
	if err := out.Flush(); err != nil {
		return err
	}
	return <-readError
}
