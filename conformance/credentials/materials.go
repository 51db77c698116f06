package main

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"
)

type material struct {
	Name        string   `json:"name"`
	Certificate string   `json:"certificate"`
	Keys        []string `json:"keys"`
}

// One of each kind of key that Go knows, and a key of a kind that it knows and does not take.
func materials() []material {
	made := []material{}
	for _, bits := range []int{1024, 2048} {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		check(err)
		made = append(made, materialOf(fmt.Sprint("rsa", bits), key, block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))))
	}
	for _, curve := range []elliptic.Curve{elliptic.P224(), elliptic.P256(), elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		check(err)
		sec1, err := x509.MarshalECPrivateKey(key)
		check(err)
		made = append(made, materialOf(curve.Params().Name, key, block("EC PRIVATE KEY", sec1)))
	}
	for range 2 {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		check(err)
		made = append(made, materialOf("ed25519", key))
	}
	x25519, err := ecdh.X25519().GenerateKey(rand.Reader)
	check(err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(x25519)
	check(err)
	made[0].Keys = append(made[0].Keys, block("PRIVATE KEY", pkcs8))
	return made
}

func materialOf(name string, key crypto.Signer, keys ...string) material {
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	check(err)
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: fmt.Sprint(name, " ", serial)},
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * 3650 * time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	check(err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	check(err)
	return material{name, block("CERTIFICATE", der), append(keys, block("PRIVATE KEY", pkcs8))}
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
