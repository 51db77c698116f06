package main

import (
	"net/url"
	_ "unsafe"

	"github.com/opencontainers/go-digest"
	_ "go.podman.io/image/v5/docker"
	"go.podman.io/image/v5/docker/reference"
	"go.podman.io/image/v5/types"
)

// registryConfiguration is only passed on.
type registryConfiguration struct{}

// dockerReference has the fields of docker.dockerReference, in their order.
type dockerReference struct {
	ref             reference.Named
	isUnknownDigest bool
}

//go:linkname loadRegistryConfiguration go.podman.io/image/v5/docker.loadRegistryConfiguration
func loadRegistryConfiguration(sys *types.SystemContext) (*registryConfiguration, error)

//go:linkname lookasideStorageBaseURL go.podman.io/image/v5/docker.(*registryConfiguration).lookasideStorageBaseURL
func lookasideStorageBaseURL(config *registryConfiguration, ref dockerReference, write bool) (*url.URL, error)

//go:linkname useSigstoreAttachments go.podman.io/image/v5/docker.(*registryConfiguration).useSigstoreAttachments
func useSigstoreAttachments(config *registryConfiguration, ref dockerReference) bool

//go:linkname lookasideStorageURL go.podman.io/image/v5/docker.lookasideStorageURL
func lookasideStorageURL(base *url.URL, manifestDigest digest.Digest, index int) (*url.URL, error)
