package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

const (
	host       = "registry.example.com"
	repository = host + "/vendor/app"
	taggedName = repository + ":1.0"
)

// scene is a case while it is being made: what is on disk, and what is asked of it.
type scene struct {
	r         *rand.Rand
	out       *store
	mutations []string

	manifest      []byte
	noManifest    bool
	version       []byte           // content of the file "version", if any
	signatures    [][]byte         // signature-1, signature-2, …
	extra         map[string]entry // further files of the directory; they win
	identity      string           // what the image was obtained as
	policy        *node            // the policy, unless policyText is set
	policyText    []byte
	requireSigned bool
	openpgp       bool
	volatile      bool
	goCryptoKeys  func(policy *node) // rewrites a copy of the policy for go-crypto
	missingSource bool
	after         []func() // steps once the policy is made
}

func (s *scene) note(format string, args ...any) {
	s.mutations = append(s.mutations, fmt.Sprintf(format, args...))
}

// change is a possible change of a thing of type T; it tells by its result what it did, "" for nothing.
type change[T any] struct {
	name  string
	apply func(T)
}

// changes applies as many changes as chosen: mostly one, sometimes none or two.
func changes[T any](s *scene, to T, from []change[T]) {
	for range s.changeCount() {
		apply(s, to, from[s.r.IntN(len(from))])
	}
}

// apply makes one change. A change may find that an earlier one took away what it needs: then it does nothing.
func apply[T any](s *scene, to T, one change[T]) {
	s.note("%s", strings.TrimSpace(one.name))
	defer func() {
		if p := recover(); p != nil {
			s.note("(nothing to change: %v)", p)
		}
	}()
	one.apply(to)
}

func (s *scene) changeCount() int {
	switch n := s.r.IntN(100); {
	case n < 12:
		return 0
	case n < 84:
		return 1
	default:
		return 2
	}
}

func sha256Hex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// plainManifest is a small OCI manifest; several of them exist so that not all digests are equal.
func plainManifest(number int) []byte {
	return fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":2},"layers":[],"annotations":{"number":"%d"}}`,
		sha256Hex([]byte("{}")), number)
}

func newScene(out *store, r *rand.Rand) *scene {
	s := &scene{r: r, out: out, extra: map[string]entry{}}
	s.manifest = plainManifest(r.IntN(3))
	s.identity = "docker://" + taggedName
	return s
}

func (s *scene) digest() string { return "sha256:" + sha256Hex(s.manifest) }

func (s *scene) json(words ...string) jsonMutator {
	return jsonMutator{r: s.r, keep: s.out.root, words: words}
}

// rejecting is a policy with one docker scope and a default that rejects.
func rejecting(scope string, requirements ...*node) *node {
	return obj("default", list(obj("type", str("reject"))), "transports", obj("docker", obj(scope, list(requirements...))))
}

func everywhere(requirements ...*node) *node { return obj("default", list(requirements...)) }

func accepting() *node { return obj("type", str("insecureAcceptAnything")) }

func (s *scene) keyFile(extension string, content []byte) *node {
	return str(s.out.file("keys", extension, content))
}

// finish writes the scene.
func (s *scene) finish(id, category string) testCase {
	entries := map[string]entry{}
	if !s.noManifest {
		entries["manifest.json"] = entry{content: s.manifest}
	}
	if s.version != nil {
		entries["version"] = entry{content: s.version}
	}
	for i, signature := range s.signatures {
		entries[fmt.Sprintf("signature-%d", i+1)] = entry{content: signature}
	}
	for name, e := range s.extra {
		entries[name] = e
	}
	text := s.policyText
	if text == nil {
		text = s.policy.encode()
	}
	c := testCase{
		ID: id, Category: category, Mutations: s.mutations, Identity: s.identity,
		Source: s.out.directory("images", entries), Policy: s.out.file("policies", ".json", text),
		RequireSigned: s.requireSigned, OpenPGP: s.openpgp, Volatile: s.volatile || s.usesDSA(),
	}
	if s.missingSource {
		c.Source = s.out.root + "/images/none"
	}
	if s.goCryptoKeys != nil && s.policyText == nil {
		other := s.policy.clone()
		s.goCryptoKeys(other)
		c.PolicyForGoCrypto = s.out.file("policies", ".json", other.encode())
	}
	if c.Mutations == nil {
		c.Mutations = []string{}
	}
	return c
}

// usesDSA tells whether a DSA key takes part: Sequoia's standard policy takes them until February 2030.
func (s *scene) usesDSA() bool {
	return slices.ContainsFunc(s.mutations, func(what string) bool { return strings.HasPrefix(what, "dsa") })
}

func upper(s string) string { return strings.ToUpper(s) }
