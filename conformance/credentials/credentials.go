package main

import (
	"encoding/base64"
	"slices"

	"go.podman.io/image/v5/docker/reference"
	"go.podman.io/image/v5/pkg/docker/config"
	"go.podman.io/image/v5/pkg/sysregistriesv2"
	"go.podman.io/image/v5/types"
)

// In base64, as they need not be UTF-8.
type credential struct {
	Username string `json:"username"`
	Password string `json:"password"`
	Token    string `json:"token"`
	Error    string `json:"error,omitempty"`
}

func credentialsOf(q question) answer {
	ref, err := reference.ParseNormalizedNamed(q.Reference)
	check(err)
	sysregistriesv2.InvalidateCache()
	sys := &types.SystemContext{
		AuthFilePath:                q.AuthFile,
		SystemRegistriesConfPath:    q.Registries,
		SystemRegistriesConfDirPath: q.Registries + ".d",
	}
	found := []credential{}
	for range q.Times {
		one := credentialOf(sys, ref)
		if !slices.Contains(found, one) {
			found = append(found, one)
		}
	}
	return answer{Credentials: found}
}

func credentialOf(sys *types.SystemContext, ref reference.Named) credential {
	auth, err := config.GetCredentialsForRef(sys, ref)
	if err != nil {
		return credential{Error: err.Error()}
	}
	encode := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	return credential{Username: encode(auth.Username), Password: encode(auth.Password), Token: encode(auth.IdentityToken)}
}
