package main

import (
	"crypto"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"slices"

	"go.podman.io/image/v5/pkg/tlsclientconfig"
	"go.podman.io/storage/pkg/configfile"
)

type client struct {
	// SHA-256 of each certificate, and of the public half of the private key.
	Chain []string `json:"chain"`
	Key   string   `json:"key"`
}

func certificatesOf(q question) answer {
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	if err := tlsclientconfig.SetupCertificates(q.Directory, config); err != nil {
		return answer{Error: err.Error()}
	}
	result := answer{CA: subjects(config.RootCAs)}
	for _, pair := range config.Certificates {
		one := client{}
		for _, der := range pair.Certificate {
			one.Chain = append(one.Chain, hash(der))
		}
		spki, err := x509.MarshalPKIXPublicKey(pair.PrivateKey.(crypto.Signer).Public())
		check(err)
		one.Key = hash(spki)
		result.Client = append(result.Client, one)
	}
	return result
}

// A pool does not give its certificates; each of the materials has its own subject.
func subjects(pool *x509.CertPool) []string {
	found := []string{}
	for _, subject := range pool.Subjects() { //nolint:staticcheck // It is not the system's.
		found = append(found, hash(subject))
	}
	return found
}

func hash(bytes []byte) string {
	sum := sha256.Sum256(bytes)
	return hex.EncodeToString(sum[:])
}

func placesOf(q question) answer {
	paths, err := configfile.GetSearchPaths(&configfile.File{
		Name: "certs", Extension: "d", DoNotUseExtensionForConfigName: true, UserId: q.UserID,
	})
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Places: append(slices.Clone(paths.DropInDirectories), "/etc/docker/certs.d")}
}

// Once in a process: it is kept.
func rootsOf() answer {
	pool, err := x509.SystemCertPool()
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{CA: subjects(pool)}
}
