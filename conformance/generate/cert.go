package main

import (
	"bytes"
	"crypto"
	_ "crypto/md5"
	"crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"math/big"
	"net"
	"time"
)

const (
	oidBasicConstraints = "2.5.29.19"
	oidKeyUsage         = "2.5.29.15"
	oidExtKeyUsage      = "2.5.29.37"
	oidSAN              = "2.5.29.17"
	oidAuthorityKeyID   = "2.5.29.35"
	oidSubjectKeyID     = "2.5.29.14"
	oidNameConstraints  = "2.5.29.30"
	oidCodeSigning      = "1.3.6.1.5.5.7.3.3"
	oidAnyUsage         = "2.5.29.37.0"
	oidServerAuth       = "1.3.6.1.5.5.7.3.1"
	oidEmailProtection  = "1.3.6.1.5.5.7.3.4"
	oidFulcioIssuerV1   = "1.3.6.1.4.1.57264.1.1"
	oidFulcioIssuerV2   = "1.3.6.1.4.1.57264.1.8"
)

type extension struct {
	id       string
	critical bool
	value    []byte
	raw      []byte // the whole extension, if it is not the usual one
}

// certificate is an X.509 certificate while it is being made, with every part open to change.
type certificate struct {
	version    []byte // [0]{INTEGER}, nil for version 1
	serial     []byte
	issuer     []byte
	notBefore  []byte
	notAfter   []byte
	subject    []byte
	key        *key
	spki       []byte
	uniqueIDs  []byte
	extensions []extension
	signer     *key
	hash       crypto.Hash
	pss        bool
	algorithm  []byte // of the signature; nil for what signer and hash say
	inner      []byte // the same inside the signed part, if it differs
	tbsTail    []byte
	tail       []byte
	signature  func([]byte) []byte
	edit       func([]byte) []byte // of what is signed, before it is signed
	finished   func([]byte) []byte
}

func commonName(name string) []byte {
	return seq(set(seq(oid("2.5.4.10"), utf8String("Conformance"))), set(seq(oid("2.5.4.3"), utf8String(name))))
}

// derTime is UTCTime up to 2049 and GeneralizedTime after, as RFC 5280 wants it.
func derTime(t time.Time) []byte {
	t = t.UTC()
	if t.Year() < 2050 {
		return tlv(0x17, []byte(t.Format("060102150405Z")))
	}
	return tlv(0x18, []byte(t.Format("20060102150405Z")))
}

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func newCertificate(subject string, k *key, issuer []byte, signer *key) *certificate {
	id := sha1.Sum(k.spki())
	signerID := sha1.Sum(signer.spki())
	c := &certificate{
		version: explicit(0, small(2)), serial: integer(new(big.Int).SetBytes(id[:9])), issuer: issuer, subject: commonName(subject),
		notBefore: derTime(date(2024, 1, 1)), notAfter: derTime(date(2073, 1, 1)), key: k, signer: signer, hash: crypto.SHA256,
	}
	c.extensions = []extension{
		{id: oidSubjectKeyID, value: octets(id[:])},
		{id: oidAuthorityKeyID, value: seq(tlv(0x80, signerID[:]))},
	}
	return c
}

func newCA(name string, k *key, issuer []byte, signer *key) *certificate {
	if issuer == nil {
		issuer = commonName(name)
	}
	c := newCertificate(name, k, issuer, signer)
	c.put(extension{id: oidBasicConstraints, critical: true, value: seq(derTrue)})
	c.put(extension{id: oidKeyUsage, critical: true, value: tlv(0x03, []byte{1, 0x06})}) // keyCertSign, cRLSign
	return c
}

func newLeaf(name string, k *key, issuer []byte, signer *key) *certificate {
	c := newCertificate(name, k, issuer, signer)
	c.put(extension{id: oidKeyUsage, critical: true, value: tlv(0x03, []byte{7, 0x80})}) // digitalSignature
	c.put(extension{id: oidExtKeyUsage, value: seq(oid(oidCodeSigning))})
	return c
}

func (c *certificate) find(id string) *extension {
	for i := range c.extensions {
		if c.extensions[i].id == id {
			return &c.extensions[i]
		}
	}
	return nil
}

// put replaces the extension of the same kind, or adds it.
func (c *certificate) put(e extension) {
	if old := c.find(e.id); old != nil {
		*old = e
		return
	}
	c.extensions = append(c.extensions, e)
}

func (c *certificate) drop(id string) {
	var kept []extension
	for _, e := range c.extensions {
		if e.id != id {
			kept = append(kept, e)
		}
	}
	c.extensions = kept
}

func (e extension) der() []byte {
	if e.raw != nil {
		return e.raw
	}
	if e.critical {
		return seq(oid(e.id), derTrue, octets(e.value))
	}
	return seq(oid(e.id), octets(e.value))
}

var signatureOIDs = map[string]map[crypto.Hash]string{
	"rsa": {crypto.SHA256: "1.2.840.113549.1.1.11", crypto.SHA384: "1.2.840.113549.1.1.12", crypto.SHA512: "1.2.840.113549.1.1.13",
		crypto.SHA1: "1.2.840.113549.1.1.5", crypto.MD5: "1.2.840.113549.1.1.4", crypto.SHA224: "1.2.840.113549.1.1.14"},
	"ecdsa": {crypto.SHA256: "1.2.840.10045.4.3.2", crypto.SHA384: "1.2.840.10045.4.3.3", crypto.SHA512: "1.2.840.10045.4.3.4",
		crypto.SHA1: "1.2.840.10045.4.1", crypto.SHA224: "1.2.840.10045.4.3.1"},
	"dsa": {crypto.SHA256: "2.16.840.1.101.3.4.3.2", crypto.SHA1: "1.2.840.10040.4.3"},
}

func signatureAlgorithm(signer *key, h crypto.Hash, pss bool) []byte {
	switch {
	case signer.ed != nil:
		return seq(oid("1.3.101.112"))
	case signer.ec != nil:
		return seq(oid(signatureOIDs["ecdsa"][h]))
	case signer.dsa != nil:
		return seq(oid(signatureOIDs["dsa"][h]))
	case pss:
		return pssAlgorithm(h, h.Size(), true)
	default:
		return seq(oid(signatureOIDs["rsa"][h]), derNull)
	}
}

func pssAlgorithm(h crypto.Hash, salt int, withNull bool) []byte {
	null := derNull
	if !withNull {
		null = nil
	}
	digest := seq(oid(hashOIDs[h]), null)
	return seq(oid("1.2.840.113549.1.1.10"), seq(explicit(0, digest), explicit(1, seq(oid("1.2.840.113549.1.1.8"), digest)),
		explicit(2, small(int64(salt)))))
}

func (c *certificate) der() []byte {
	algorithm := c.algorithm
	if algorithm == nil {
		algorithm = signatureAlgorithm(c.signer, c.hash, c.pss)
	}
	inner := c.inner
	if inner == nil {
		inner = algorithm
	}
	spki := c.spki
	if spki == nil {
		spki = c.key.spki()
	}
	var all []byte
	for _, e := range c.extensions {
		all = append(all, e.der()...)
	}
	var extensions []byte
	if c.extensions != nil {
		extensions = explicit(3, seq(all))
	}
	tbs := seq(c.version, c.serial, inner, c.issuer, seq(c.notBefore, c.notAfter), c.subject, spki, c.uniqueIDs, extensions, c.tbsTail)
	if c.edit != nil {
		tbs = c.edit(tbs)
	}
	var signature []byte
	if c.pss {
		signature = c.signer.signPSS(c.hash, tbs)
	} else {
		signature = c.signer.signWith(c.hash, tbs)
	}
	if c.signature != nil {
		signature = c.signature(signature)
	}
	der := seq(tbs, algorithm, bits(signature), c.tail)
	if c.finished != nil {
		der = c.finished(der)
	}
	return der
}

func (c *certificate) pem() []byte { return pemText("CERTIFICATE", c.der()) }

// Parts of a general name (RFC 5280, 4.2.1.6).
func sanEmail(s string) []byte { return tlv(0x81, []byte(s)) }
func sanDNS(s string) []byte   { return tlv(0x82, []byte(s)) }
func sanURI(s string) []byte   { return tlv(0x86, []byte(s)) }
func sanIP(b ...byte) []byte   { return tlv(0x87, b) }
func sanOther(value string) []byte {
	return tlv(0xa0, oid("1.3.6.1.4.1.57264.1.7"), explicit(0, utf8String(value)))
}
func sanDirectory(b []byte) []byte   { return tlv(0xa4, b) }
func sanRegistered(id string) []byte { return bytes.Replace(oid(id), []byte{6}, []byte{0x88}, 1) }

func ipBytes(text string) []byte {
	ip := net.ParseIP(text)
	if four := ip.To4(); four != nil {
		return four
	}
	return ip
}

func nameConstraints(permitted, excluded [][]byte) []byte {
	var parts [][]byte
	for tag, names := range map[byte][][]byte{0xa0: permitted, 0xa1: excluded} {
		if names == nil {
			continue
		}
		var trees [][]byte
		for _, n := range names {
			trees = append(trees, seq(n))
		}
		parts = append(parts, tlv(tag, trees...))
	}
	if len(parts) == 2 && parts[0][0] > parts[1][0] {
		parts[0], parts[1] = parts[1], parts[0]
	}
	return seq(parts...)
}
