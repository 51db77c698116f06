package main

import (
	"context"
	"fmt"
	"strings"

	"go.podman.io/image/v5/directory"
	"go.podman.io/image/v5/docker/reference"
	"go.podman.io/image/v5/image"
	"go.podman.io/image/v5/manifest"
	"go.podman.io/image/v5/signature"
	"go.podman.io/image/v5/transports"
	"go.podman.io/image/v5/transports/alltransports"
	"go.podman.io/image/v5/types"
)

type verdict string

const (
	allowed       verdict = "allowed"
	denied        verdict = "denied" // the policy was evaluated and did not allow the image, errors on the way included
	policyError   verdict = "policyError"
	identityError verdict = "identityError"
	sourceError   verdict = "sourceError"
	panicked      verdict = "panic"
	timeout       verdict = "timeout"
	requestError  verdict = "requestError"
)

// judge asks the reference, by its public API only. The error tells why the verdict is not allowed.
func judge(r request) (v verdict, err error) {
	defer func() {
		if p := recover(); p != nil {
			v, err = panicked, fmt.Errorf("panic: %v", p)
		}
	}()
	policy, err := signature.NewPolicyFromFile(r.Policy)
	if err != nil {
		return policyError, err
	}
	identity, err := parseIdentity(r.Identity)
	if err != nil {
		return identityError, err
	}
	ctx := context.Background()
	sourceReference, err := directory.NewReference(strings.TrimPrefix(r.Source, "dir:"))
	if err != nil {
		return sourceError, err
	}
	source, err := sourceReference.NewImageSource(ctx, nil)
	if err != nil {
		return sourceError, err
	}
	defer source.Close()
	unparsed := image.UnparsedInstance(source, nil)
	bytes, _, err := unparsed.Manifest(ctx)
	if err != nil {
		return sourceError, err
	}
	if err := checkIdentityDigest(identity, bytes); err != nil {
		return denied, err
	}
	pc, err := signature.NewPolicyContext(policy)
	if err != nil {
		return policyError, err
	}
	defer pc.Destroy() //nolint:errcheck // nothing is left to do with it
	pc.RequireSignatureVerification(r.RequireSigned)
	ok, err := pc.IsRunningImageAllowed(ctx, image.UnparsedInstanceWithReference(unparsed, identity))
	if ok && err == nil {
		return allowed, nil
	}
	return denied, err
}

// parseIdentity reads what the image was obtained as. The reference wants a transport; sealcheck takes a docker reference
// without one (the contract's "bare" form) as docker://. A word and a colon stay a transport, known or not, unless what
// follows shows that the word is a host: a port and a slash.
func parseIdentity(text string) (types.ImageReference, error) {
	before, after, found := strings.Cut(text, ":")
	if text == "" || (found && (transports.Get(before) != nil || !isBare(before, after))) {
		return alltransports.ParseImageName(text)
	}
	return alltransports.ParseImageName("docker://" + text)
}

func isBare(before, after string) bool {
	if strings.ContainsAny(before, "/.@") {
		return true
	}
	port, _, hasPath := strings.Cut(after, "/")
	return hasPath && port != "" && strings.Trim(port, "0123456789") == ""
}

// checkIdentityDigest makes the check that image.UnparsedInstanceWithReference leaves out: it compares only with the
// reference that the source was opened by, which for a directory has no digest.
func checkIdentityDigest(identity types.ImageReference, bytes []byte) error {
	named := identity.DockerReference()
	if named == nil {
		return nil
	}
	canonical, ok := named.(reference.Canonical)
	if !ok {
		return nil
	}
	matches, err := manifest.MatchesDigest(bytes, canonical.Digest())
	if err != nil {
		return err
	}
	if !matches {
		return fmt.Errorf("the manifest's digest is not the identity's, %s", canonical.Digest())
	}
	return nil
}
