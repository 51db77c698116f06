package main

import (
	"context"
	"errors"
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
	noAnswer      verdict = "noAnswer" // none came, or not in time
	requestError  verdict = "requestError"
)

// judge asks the reference, by its public API only. The error tells why the verdict is not allowed. A policy, an identity
// and a source that all make no sense are all named, in that order: which one is told first is nobody's promise.
func judge(r request) (a answer) {
	a.ID = r.ID
	defer func() {
		if p := recover(); p != nil {
			a.Verdict, a.Error = panicked, textOf(fmt.Errorf("panic: %v", p))
		}
	}()
	policy, err := signature.NewPolicyFromFile(r.Policy)
	a.note(policyError, err)
	identity, err := parseIdentity(r.Identity)
	a.note(identityError, err)
	image, err := openSource(r.Source)
	a.note(sourceError, err)
	if a.Verdict != "" {
		if identity != nil && scopesPanic(identity) {
			a.note(panicked, errors.New("the scopes of the identity"))
		}
		return a
	}
	defer image.close()
	if err := image.evaluate(policy, identity, r.RequireSigned); err != nil {
		a.note(denied, err)
		return a
	}
	a.Verdict = allowed
	return a
}

// scopesPanic tells whether the reference panics when it looks for the identity's scopes, as for atomic:name:tag@digest.
func scopesPanic(identity types.ImageReference) (panics bool) {
	defer func() { panics = recover() != nil }()
	identity.PolicyConfigurationIdentity()
	return false
}

// note records an error: the first is the verdict, the others are told beside it.
func (a *answer) note(v verdict, err error) {
	switch {
	case err == nil:
	case a.Verdict == "":
		a.Verdict, a.Error = v, textOf(err)
	default:
		a.Also = append(a.Also, v)
	}
}

func textOf(err error) *string {
	text := err.Error()
	return &text
}

// source is an opened directory whose manifest could be read.
type source struct {
	unparsed *image.UnparsedImage
	manifest []byte
	close    func() error
}

func openSource(path string) (*source, error) {
	ctx := context.Background()
	ref, err := directory.NewReference(strings.TrimPrefix(path, "dir:"))
	if err != nil {
		return nil, err
	}
	src, err := ref.NewImageSource(ctx, nil)
	if err != nil {
		return nil, err
	}
	unparsed := image.UnparsedInstance(src, nil)
	bytes, _, err := unparsed.Manifest(ctx)
	if err != nil {
		src.Close()
		return nil, err
	}
	return &source{unparsed, bytes, src.Close}, nil
}

// evaluate gives nil if the policy allows the image under this identity.
func (s *source) evaluate(policy *signature.Policy, identity types.ImageReference, requireSigned bool) error {
	if err := checkIdentityDigest(identity, s.manifest); err != nil {
		return err
	}
	pc, err := signature.NewPolicyContext(policy)
	if err != nil {
		return err
	}
	defer pc.Destroy() //nolint:errcheck // nothing is left to do with it
	pc.RequireSignatureVerification(requireSigned)
	ok, err := pc.IsRunningImageAllowed(context.Background(), image.UnparsedInstanceWithReference(s.unparsed, identity))
	if !ok && err == nil {
		return errors.New("not allowed, and no error")
	}
	return err
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
	// The first thing that the reference asks of an identity; it panics for atomic:…:tag@digest.
	_ = identity.PolicyConfigurationIdentity()
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
