// What containers/image makes of registries.conf and registries.d: a tree of files and references a line in, an answer a line out. Of its
// internals, those that its public API does not show are reached by name (internals.go).
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/opencontainers/go-digest"
	"go.podman.io/image/v5/docker"
	"go.podman.io/image/v5/docker/reference"
	"go.podman.io/image/v5/pkg/sysregistriesv2"
	"go.podman.io/image/v5/types"
)

type question struct {
	// By path below the root.
	Files map[string][]byte `json:"files"`
	// In its values, @ROOT@ is where the files are.
	Environment map[string]string `json:"environment"`
	Conf        string            `json:"conf"`
	Directory   string            `json:"directory"`
	References  []string          `json:"references"`
	Digest      string            `json:"digest"`
}

type answer struct {
	ConfError         string     `json:"confError,omitempty"`
	Rules             []rule     `json:"rules"`
	CredentialHelpers []string   `json:"credentialHelpers"`
	DirectoryError    string     `json:"directoryError,omitempty"`
	References        []accessed `json:"references"`
}

type rule struct {
	Prefix       string     `json:"prefix"`
	Blocked      bool       `json:"blocked"`
	ByDigestOnly bool       `json:"byDigestOnly"`
	Location     endpoint   `json:"location"`
	Mirrors      []endpoint `json:"mirrors"`
}

type endpoint struct {
	Location       string `json:"location"`
	Insecure       bool   `json:"insecure"`
	PullFromMirror string `json:"pullFromMirror"`
	NamespaceProxy string `json:"namespaceProxy"`
}

type accessed struct {
	Error   string   `json:"error,omitempty"`
	Sources []source `json:"sources"`
	// Of the reference itself, if the configuration rewrites nothing.
	Lookaside *lookaside `json:"lookaside,omitempty"`
}

type source struct {
	Reference      string `json:"reference"`
	Insecure       bool   `json:"insecure"`
	NamespaceProxy string `json:"namespaceProxy"`
	// "blocked", or "unusable" for a reference with a tag and a digest.
	Refusal string `json:"refusal"`
}

type lookaside struct {
	Error       string `json:"error,omitempty"`
	Attachments bool   `json:"attachments"`
	Scheme      string `json:"scheme"`
	User        string `json:"user"`
	Password    string `json:"password"`
	Host        string `json:"host"`
	Opaque      string `json:"opaque"`
	// Of the file, as bytes.
	Path []byte `json:"path"`
	// What a request asks for.
	Target   string `json:"target"`
	Redacted string `json:"redacted"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			fail(err)
		}
		if err := encoder.Encode(answerTo(q)); err != nil {
			fail(err)
		}
	}
	if err := lines.Err(); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func answerTo(q question) answer {
	root, err := os.MkdirTemp("", "registries-")
	if err != nil {
		fail(err)
	}
	defer os.RemoveAll(root)
	for name, content := range q.Files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			fail(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			fail(err)
		}
	}
	os.Clearenv()
	os.Setenv("HOME", "/nowhere")
	for name, value := range q.Environment {
		os.Setenv(name, inRoot(value, root))
	}
	sysregistriesv2.InvalidateCache()
	sys := &types.SystemContext{RootForImplicitAbsolutePaths: root}
	if q.Conf != "" {
		sys.SystemRegistriesConfPath = filepath.Join(root, q.Conf)
	}
	if q.Directory != "" {
		sys.RegistriesDirPath = filepath.Join(root, q.Directory)
	}

	var a answer
	if conf, err := sysregistriesv2.TryUpdatingCache(sys); err != nil {
		a.ConfError = short(err)
	} else {
		a.Rules = rulesOf(conf.Registries)
		a.CredentialHelpers = conf.CredentialHelpers
	}
	config, err := loadRegistryConfiguration(sys)
	if err != nil {
		a.DirectoryError = short(err)
	}
	for _, text := range q.References {
		named, err := reference.ParseNormalizedNamed(text)
		if err != nil {
			fail(err)
		}
		r := accessed{}
		if a.ConfError == "" {
			r = sourcesOf(sys, named)
		}
		if a.DirectoryError == "" {
			r.Lookaside = lookasideOf(config, named, digest.Digest(q.Digest))
		}
		a.References = append(a.References, r)
	}
	return a
}

func inRoot(value, root string) string {
	const mark = "@ROOT@"
	if len(value) >= len(mark) && value[:len(mark)] == mark {
		return root + value[len(mark):]
	}
	return value
}

func rulesOf(registries []sysregistriesv2.Registry) []rule {
	rules := []rule{}
	for _, r := range registries {
		mirrors := []endpoint{}
		for _, m := range r.Mirrors {
			mirrors = append(mirrors, endpointOf(m))
		}
		rules = append(rules, rule{r.Prefix, r.Blocked, r.MirrorByDigestOnly, endpointOf(r.Endpoint), mirrors})
	}
	return rules
}

func endpointOf(e sysregistriesv2.Endpoint) endpoint {
	return endpoint{e.Location, e.Insecure, e.PullFromMirror, e.NamespaceProxy}
}

// As docker/docker_image_src.go newImageSource, newPullClient and docker/docker_client.go newDockerClient do it.
func sourcesOf(sys *types.SystemContext, named reference.Named) accessed {
	registry, err := sysregistriesv2.FindRegistry(sys, named.Name())
	if err != nil {
		return accessed{Error: short(err)}
	}
	if registry == nil {
		registry = &sysregistriesv2.Registry{
			Endpoint: sysregistriesv2.Endpoint{Location: named.String()},
			Prefix:   named.String(),
		}
	}
	pulled, err := registry.PullSourcesFromReference(named)
	if err != nil {
		return accessed{Error: short(err)}
	}
	sources := []source{}
	for _, p := range pulled {
		s := source{Reference: p.Reference.String(), Insecure: p.Endpoint.Insecure, NamespaceProxy: p.Endpoint.NamespaceProxy}
		if _, err := docker.NewReference(p.Reference); err != nil {
			s.Refusal = "unusable"
		} else if found, err := sysregistriesv2.FindRegistry(sys, p.Reference.Name()); err != nil {
			return accessed{Error: short(err)}
		} else if found != nil && found.Blocked {
			s.Refusal = "blocked"
		}
		sources = append(sources, s)
	}
	return accessed{Sources: sources}
}

func lookasideOf(config *registryConfiguration, named reference.Named, manifest digest.Digest) *lookaside {
	ref := dockerReference{ref: named}
	base, err := lookasideStorageBaseURL(config, ref, false)
	if err != nil {
		return &lookaside{Error: short(err)}
	}
	address, err := lookasideStorageURL(base, manifest, 0)
	if err != nil {
		return &lookaside{Error: short(err)}
	}
	return describe(address, useSigstoreAttachments(config, ref))
}

func describe(address *url.URL, attachments bool) *lookaside {
	password, _ := address.User.Password()
	return &lookaside{
		Attachments: attachments,
		Scheme:      address.Scheme,
		User:        address.User.Username(),
		Password:    password,
		Host:        address.Host,
		Opaque:      address.Opaque,
		Path:        []byte(address.Path),
		Target:      address.RequestURI(),
		Redacted:    address.Redacted(),
	}
}

func short(err error) string {
	text := err.Error()
	if len(text) > 200 {
		text = text[len(text)-200:]
	}
	return text
}
