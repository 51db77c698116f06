// Reads an image from registries as containers/image does and judges it: a question a line in, an answer a line out.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"time"
	"unsafe"

	"github.com/sirupsen/logrus"
	"go.podman.io/image/v5/docker"
	"go.podman.io/image/v5/image"
	"go.podman.io/image/v5/manifest"
	"go.podman.io/image/v5/pkg/blobinfocache/none"
	"go.podman.io/image/v5/signature"
	"go.podman.io/image/v5/types"

	"github.com/opencontainers/go-digest"
)

type question struct {
	ID             string `json:"id"`
	Ref            string `json:"ref"` // without the transport
	Policy         string `json:"policy"`
	RequireSigned  bool   `json:"requireSigned"`
	RegistriesConf string `json:"registriesConf"`
	RegistriesD    string `json:"registriesD"`
	AuthFile       string `json:"authFile"`
	CertDir        string `json:"certDir"`
	TLSVerify      *bool  `json:"tlsVerify"`
	OS             string `json:"os"`
	Arch           string `json:"arch"`
	Variant        string `json:"variant"`
	// "instance": of an index the one for the platform, as copy does; "all": each, as copy --all does; "top": what the
	// reference names, index or not, as the image proxy does.
	Mode      string `json:"mode"`
	Blobs     bool   `json:"blobs"`
	TimeoutMs int    `json:"timeoutMs"`
}

type answer struct {
	ID string `json:"id"`
	// "accepted", "rejected", "error", "hangs"
	Outcome string `json:"outcome"`
	// Where it ended: "policy file", "reference", "source", "instance", "policy", "manifest", "blobs"
	Stage  string `json:"stage,omitempty"`
	Type   string `json:"type,omitempty"`
	Error  string `json:"error,omitempty"`
	Served string `json:"served,omitempty"` // the location that the manifest came from
	Digest string `json:"digest,omitempty"`
}

func main() {
	logrus.SetOutput(io.Discard)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	encoder := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := encoder.Encode(answerTo(q)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answerTo(q question) (a answer) {
	a.ID = q.ID
	defer func() {
		if p := recover(); p != nil {
			a.Outcome, a.Stage, a.Error = "error", "panic", fmt.Sprint(p)
		}
	}()
	ctx := context.Background()
	if q.TimeoutMs > 0 {
		bounded, cancel := context.WithTimeout(ctx, time.Duration(q.TimeoutMs)*time.Millisecond)
		defer cancel()
		ctx = bounded
	}
	stage, err := judge(ctx, q, &a)
	switch {
	case err == nil:
		a.Outcome = "accepted"
		return a
	case ctx.Err() != nil:
		a.Outcome = "hangs"
	case errors.As(err, new(signature.PolicyRequirementError)):
		a.Outcome = "rejected"
	default:
		a.Outcome = "error"
	}
	a.Stage, a.Type, a.Error = stage, fmt.Sprintf("%T", err), err.Error()
	return a
}

func judge(ctx context.Context, q question, a *answer) (string, error) {
	policy, err := signature.NewPolicyFromFile(q.Policy)
	if err != nil {
		return "policy file", err
	}
	pc, err := signature.NewPolicyContext(policy)
	if err != nil {
		return "policy file", err
	}
	defer pc.Destroy() //nolint:errcheck // nothing is left to do with it
	pc.RequireSignatureVerification(q.RequireSigned)
	ref, err := docker.ParseReference("//" + q.Ref)
	if err != nil {
		return "reference", err
	}
	sys := systemContext(q)
	src, err := ref.NewImageSource(ctx, sys)
	if err != nil {
		return "source", err
	}
	defer src.Close()
	a.Served = servedBy(src)
	unparsed := image.UnparsedInstance(src, nil)
	bytes, mediaType, err := unparsed.Manifest(ctx)
	if err != nil {
		return "source", err
	}
	if d, err := manifest.Digest(bytes); err == nil {
		a.Digest = string(d)
	}
	if q.Mode == "top" || !manifest.MIMETypeIsMultiImage(mediaType) {
		return judgeOne(ctx, q, sys, pc, src, unparsed)
	}
	list, err := manifest.ListFromBlob(bytes, mediaType)
	if err != nil {
		return "instance", err
	}
	instances := list.Instances()
	if q.Mode == "instance" {
		chosen, err := list.ChooseInstance(sys)
		if err != nil {
			return "instance", err
		}
		instances = []digest.Digest{chosen}
	}
	for _, each := range instances {
		if stage, err := judgeOne(ctx, q, sys, pc, src, image.UnparsedInstance(src, &each)); err != nil {
			return stage, err
		}
	}
	return "", nil
}

// judgeOne is what copySingleImage of copy/single.go begins with; with q.Blobs it reads what that would copy, in order.
func judgeOne(ctx context.Context, q question, sys *types.SystemContext, pc *signature.PolicyContext, src types.ImageSource, unparsed *image.UnparsedImage) (string, error) {
	if q.Mode != "top" {
		_, mediaType, err := unparsed.Manifest(ctx)
		if err != nil {
			return "manifest", err
		}
		if manifest.MIMETypeIsMultiImage(mediaType) {
			return "manifest", errors.New("Unexpectedly received a manifest list instead of a manifest for a single image")
		}
	}
	if allowed, err := pc.IsRunningImageAllowed(ctx, unparsed); !allowed || err != nil {
		return "policy", err
	}
	_, mediaType, err := unparsed.Manifest(ctx)
	if err != nil {
		return "manifest", err
	}
	if q.Mode == "top" && manifest.MIMETypeIsMultiImage(mediaType) {
		return "", nil
	}
	img, err := image.FromUnparsedImage(ctx, sys, unparsed)
	if err != nil {
		return "manifest", err
	}
	if !q.Blobs {
		return "", nil
	}
	blobs := []types.BlobInfo{}
	if config := img.ConfigInfo(); config.Digest != "" {
		blobs = append(blobs, config)
	}
	for _, info := range append(blobs, img.LayerInfos()...) {
		if err := readBlob(ctx, src, info); err != nil {
			return "blobs", err
		}
	}
	return "", nil
}

func readBlob(ctx context.Context, src types.ImageSource, info types.BlobInfo) error {
	reader, _, err := src.GetBlob(ctx, info, none.NoCache)
	if err != nil {
		return err
	}
	defer reader.Close()
	verifier := info.Digest.Verifier()
	if _, err := io.Copy(verifier, reader); err != nil {
		return err
	}
	if !verifier.Verified() {
		return fmt.Errorf("digest mismatch of blob %s", info.Digest)
	}
	return nil
}

// systemContext is what skopeo makes of its options; its own drop-in directories of registries.conf are read too.
func systemContext(q question) *types.SystemContext {
	sys := &types.SystemContext{
		SystemRegistriesConfPath: q.RegistriesConf,
		RegistriesDirPath:        q.RegistriesD,
		AuthFilePath:             q.AuthFile,
		DockerCertPath:           q.CertDir,
		OSChoice:                 q.OS,
		ArchitectureChoice:       q.Arch,
		VariantChoice:            q.Variant,
	}
	if sys.AuthFilePath == "" {
		sys.AuthFilePath = os.Getenv("REGISTRY_AUTH_FILE") // as the option's default
	}
	if q.TLSVerify != nil {
		sys.DockerInsecureSkipTLSVerify = types.NewOptionalBool(!*q.TLSVerify)
	}
	return sys
}

// servedBy is the field physicalRef of the module's own type: it tells nobody otherwise.
func servedBy(src types.ImageSource) string {
	value := reflect.ValueOf(src)
	if value.Kind() != reflect.Pointer {
		return ""
	}
	field := value.Elem().FieldByName("physicalRef")
	if !field.IsValid() {
		return ""
	}
	field = field.FieldByName("ref")
	named := reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Interface()
	if text, ok := named.(fmt.Stringer); ok {
		return text.String()
	}
	return ""
}
