package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
)

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// schema1 is a Docker schema 1 manifest with a JWS of the form that the reference takes apart to find what was signed.
// The signature itself is checked by nobody, so it is made up. What the body says must be what the payload says.
func schema1(s *scene) (manifest []byte, payload []byte) {
	r := s.r
	says := schema1Payload(s)
	payload = says.encode()
	var indented bytes.Buffer
	if chance(r, 70) && json.Indent(&indented, payload, "", "   ") == nil && indented.Len() < 1<<20 { // what is deep becomes huge
		payload = indented.Bytes()
	}
	end := "\n}"
	formatLength := bytes.LastIndex(payload, []byte(end))
	if formatLength < 0 {
		end = "}"
		formatLength = len(payload) - 1
	}
	body := payload[:formatLength]
	if chance(r, 10) { // the same payload, taken together from other places
		formatLength = pick(r, 0, 1, r.IntN(formatLength+1))
		s.note("formatLength %d of %d", formatLength, len(payload))
	}
	before, behind := "", ""
	if chance(r, 45) {
		before = "," + schema1Member(s, says)
	}
	if chance(r, 25) {
		behind = "," + schema1Member(s, says)
		s.note("behind the signatures")
	}
	name, signatures := schema1Signatures(s, payload, formatLength)
	manifest = fmt.Appendf(bytes.Clone(body), "%s,\n   %q: %s%s%s", before, name, signatures, behind, end)
	if chance(r, 10) {
		manifest = append(manifest, pick(r, "\n", " ", "x")...)
		s.note("text after the manifest")
	}
	return manifest, payload
}

// schema1Payload has members of each type, to be said again in other spellings.
func schema1Payload(s *scene) *node {
	r := s.r
	says := obj("schemaVersion", number(1), "name", str("vendor/app"), "tag", str("1.0"), "architecture", str("amd64"),
		"fsLayers", list(obj("blobSum", str("sha256:"+sha256Hex(nil)))), "history", list(obj("v1Compatibility", str("{}")), number(int64(r.IntN(3)))))
	if chance(r, 50) {
		says.add("n", lit(pick(r, "0", "-0", "1", "1.5", "9007199254740992", "1e300", "5e-324", "0.1", "1e400")))
		says.add("o", obj("a", list(lit("null"), lit("true"), obj()), "b", list(), "", lit("null")))
		says.add("x", lit("null"))
	}
	if chance(r, 12) {
		says.add(pick(r, "config", "Config", "layers", "LAYERS", "layerſ", "manifests", "manifestſ", "MANIFESTS", "Signatures", "signature"),
			pick(r, lit("null"), lit("null"), obj(), list(), str(""), number(0)))
		s.note("%s in the payload", says.members[len(says.members)-1].key)
	}
	if chance(r, 10) {
		s.note("payload %s", s.json("signatures", "config", "tag").mutate(says))
	}
	return says
}

// schema1Member is the text of a member (or of several) that the digest does not cover: one of the payload's said again,
// in the same words or others, or a new one.
func schema1Member(s *scene, payload *node) string {
	r := s.r
	one := obj()
	if len(payload.members) > 0 && chance(r, 65) {
		m := payload.members[r.IntN(len(payload.members))]
		one.add(m.key, m.value.clone())
		s.note("%s again", m.key)
	} else {
		key := pick(r, "x", "", "__proto__", "constructor", "FSLAYERS", "fsLayerſ", "Tag", "config", "Config", "CONFIG", "layers", "Layers", "LAYERS",
			"layerſ", "manifests", "Manifests", "MANIFESTS", "manifestſ", "signatures", "Signatures", "signature", "schemaVersion", "SchemaVersion", "mediaType", "n")
		value := pick(r, lit("null"), lit("null"), obj(), list(), str(""), lit("0"), lit("1"), lit("1e400"), list(obj("blobSum", str("sha256:"+sha256Hex([]byte("x"))))))
		one.add(key, value)
		s.note("member %q: %s", key, value.encode())
	}
	mutator := s.json("fsLayers", "tag", "config", "layers", "manifests", "signatures", "blobSum")
	switch n := r.IntN(100); {
	case n < 45:
	case n < 70:
		s.note("%s", mutator.respell(one))
	case n < 80:
		other := pick(r, "0", "-0", "1", "1.0", "1e0", "10e-1", "15e-1", "1.5000000000000000000001", "9007199254740993", "9007199254740994", "1E300", "1e-400", "1e400", "0.1000000000000000055511151231257827", "2e-324")
		one.members[0].value = lit(other)
		s.note("as %s", other)
	default:
		s.note("%s", mutator.mutate(one))
	}
	return strings.TrimSuffix(strings.TrimPrefix(string(one.encode()), "{"), "}")
}

// schema1Envelope is what anybody can make of a manifest that somebody signed: a schema 1 manifest of other content, with
// the digest of what was signed.
func schema1Envelope(s *scene) (manifest []byte, payload []byte) {
	r := s.r
	config := fmt.Sprintf(`"config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":2,"digest":"sha256:%s"}`, hexDigits(64))
	payload = []byte(pick(r, string(s.manifest), string(s.manifest), `{"schemaVersion":2,`+config+`,"layers":[]}`,
		`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}`,
		`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}`, `{"schemaVersion":1,"name":"x"}`,
		`{"schemaVersion":1,"name":"x","fsLayers":[{"blobSum":"sha256:`+sha256Hex(nil)+`"}],"history":[]}`, `{"schemaVersion":1,`+config+`}`,
		`{"schemaVersion":1,"layers":[],"fsLayers":[]}`, `{"schemaVersion":1,"manifests":null,"fsLayers":[]}`, "{}", `{"a":1}`, "[]", "null"))
	s.note("around %s", shorten(string(payload)))
	formatLength := max(len(payload)-1, 0)
	members := []string{strings.TrimPrefix(string(payload[:formatLength]), "{")}
	if chance(r, 30) {
		members = nil
		formatLength = 0
		s.note("which is in the tail only")
	}
	for _, m := range []string{`"schemaVersion":1`, `"mediaType":""`, `"name":"x"`, `"fsLayers":[{"blobSum":"sha256:` + sha256Hex([]byte("x")) + `"}]`, `"history":[]`, `"config":null,"layers":null,"manifests":null`} {
		if chance(r, 60) {
			members = append(members, m)
		}
	}
	name, signatures := schema1Signatures(s, payload, formatLength)
	members = append(members, fmt.Sprintf("%q:%s", name, signatures))
	kept := members[:0]
	for _, m := range members {
		if m != "" {
			kept = append(kept, m)
		}
	}
	return []byte("{" + strings.Join(kept, ",") + "}"), payload
}

// schema1Signatures is the name and the value of the JWS signatures, mostly such that they lead to the payload.
func schema1Signatures(s *scene, payload []byte, formatLength int) (name string, value []byte) {
	r := s.r
	formatTail := base64url(payload[formatLength:])
	k := keyNamed("p256-jws")
	jwk := obj("crv", str("P-256"), "kid", str(keyID(k)), "kty", str("EC"), "x", str(base64url(pad(k.ec.x, 32))), "y", str(base64url(pad(k.ec.y, 32))))
	protected := obj("formatLength", number(int64(formatLength)), "formatTail", str(formatTail), "time", str("2024-02-01T00:00:00Z"))
	header := obj("jwk", jwk, "alg", str("ES256"))
	signature := obj("header", header, "signature", str(base64url(k.sign(payload))), "protected", str(""))
	if chance(r, 25) {
		switch r.IntN(8) {
		case 0:
			value := pick(r, "0", "-1", "1.0", "999999", fmt.Sprint(formatLength-1), fmt.Sprint(formatLength+1), "null", `"5"`, "1e1", "9223372036854775807")
			protected.set("formatLength", lit(value))
			s.note("formatLength %s", value)
		case 1:
			value := pick(r, "", "!", formatTail+"=", base64url([]byte("}")), base64url([]byte("  }\n")), "Cn0\n")
			protected.set("formatTail", str(value))
			s.note("formatTail %q", value)
		case 2:
			s.note("protected %s", s.json("formatLength", "formatTail", "time").mutate(protected))
		case 3:
			s.note("header %s", s.json("jwk", "alg", "x5c", "kid", "kty").mutate(header))
		case 4:
			s.note("jwk %s", s.json("crv", "kid", "kty", "x", "y", "n", "e").mutate(jwk))
		case 5:
			jwk.set("kid", str(pick(r, "", "AAAA:BBBB", keyID(keyNamed("p256-a")))))
			s.note("kid")
		case 6:
			jwk.set("x", str(base64url(pad(keyNamed("p256-a").ec.x, 32))))
			s.note("key off its curve or with another ID")
		case 7:
			rsa := keyNamed("rsa2048-a")
			*jwk = *obj("kty", str("RSA"), "kid", str(keyID(rsa)), "n", str(base64url(rsa.rsa.N.Bytes())), "e", str(base64url([]byte{1, 0, 1})))
			s.note("RSA key")
		}
	}
	signature.set("protected", str(base64url(protected.encode())))
	signatures := list(signature)
	if chance(r, 12) {
		switch r.IntN(5) {
		case 0:
			signatures.items = append(signatures.items, signature.clone())
			s.note("two signatures")
		case 1:
			second := signature.clone()
			second.set("protected", str(base64url(obj("formatLength", number(int64(formatLength-1)), "formatTail", str(formatTail)).encode())))
			signatures.items = append(signatures.items, second)
			s.note("two signatures that disagree")
		case 2:
			signatures.items = nil
			s.note("empty list of signatures")
		case 3:
			s.note("signatures %s", s.json("header", "signature", "protected").mutate(signatures))
		case 4:
			*signatures = *pick(r, lit("null"), obj(), str("x"), number(1), lit("false"))
			s.note("signatures %s", signatures.encode())
		}
	}
	name = "signatures"
	if chance(r, 4) {
		name = pick(r, "Signatures", "SIGNATURES", "ſignatures", "sig")
		s.note("%q", name)
	}
	return name, signatures.encode()
}

func pad(n *big.Int, size int) []byte { return n.FillBytes(make([]byte, size)) }

// keyID is libtrust's key ID: base32 of a truncated SHA-256 of the public key, in groups of four.
func keyID(k *key) string {
	sum := sha256.Sum256(k.spki())
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	n := new(big.Int).SetBytes(sum[:30])
	var b []byte
	for i := 47; i >= 0; i-- {
		b = append(b, digits[new(big.Int).And(new(big.Int).Rsh(n, uint(5*i)), big.NewInt(31)).Int64()])
		if i%4 == 0 && i > 0 {
			b = append(b, ':')
		}
	}
	return string(b)
}

// manifestCase is about which bytes a digest is of. The identity carries a digest, or a signature does.
func manifestCase(s *scene) {
	r := s.r
	kind := pick(r, "schema1", "schema1", "schema1", "schema1", "schema1", "schema1", "schema1", "envelope", "envelope", "oci", "schema2", "index", "garbage", "version")
	var payload []byte // what the digest is of, if it is not the manifest
	switch kind {
	case "schema1":
		s.manifest, payload = schema1(s)
	case "envelope":
		s.manifest, payload = schema1Envelope(s)
	case "schema2":
		s.manifest = fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":2,"digest":"sha256:%s"},"layers":[]}`, hexDigits(64))
	case "index":
		s.manifest = fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"manifests":[{"digest":"sha256:%s","size":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}]}`,
			pick(r, "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json", "x"), hexDigits(64))
	case "garbage":
		s.manifest = []byte(pick(r, "", "garbage", "{", "null", "[]", "\xff", "{}", "{}{}", "\xef\xbb\xbf{}", strings.Repeat("[", 20000), strings.Repeat("x", 100000), "\x00", `{"schemaVersion":1}`, `{"schemaVersion":1,"signatures":[]}`, `{"signatures":[1],"schemaVersion":1}`))
	case "version": // spellings that make the reference see a signed schema 1, or not
		s.manifest, payload = schema1(s)
		version := pick(r, `"1"`, "1.0", "1e0", "10e-1", "2", "null", "-1", "01", "1, \"SchemaVersion\": 2", "2, \"SCHEMAVERSION\": 1", "1, \"mediaType\": 5", `1, "mediaType": "application/vnd.docker.distribution.manifest.v1+prettyjws"`, `1, "mediaType": "application/vnd.oci.image.manifest.v1+json"`, `1, "MediaType": "application/vnd.oci.image.index.v1+json"`, `1, "mediaType": null`, `1, "signatures": null`, `1, "Signatures": null`, `1, "signatures": []`)
		s.manifest = bytes.Replace(s.manifest, []byte(`"schemaVersion": 1`), []byte(`"schemaVersion": `+version), 1)
		s.note("schemaVersion %s", version)
	}
	s.note("%s", kind)
	if chance(r, 12) && json.Valid(s.manifest) {
		var what string
		s.manifest, what = s.json().mutateText(s.manifest)
		s.note("%s", what)
	}
	if s.manifest == nil {
		s.manifest = []byte{}
	}
	digest := s.digest()
	if payload != nil && chance(r, 65) {
		digest = "sha256:" + sha256Hex(payload)
		s.note("digest of the payload")
	}
	if chance(r, 10) {
		digest = "sha256:" + sha256Hex([]byte("another"))
		s.note("digest of something else")
	}
	if chance(r, 50) {
		s.identity = "docker://" + repository + "@" + digest
		s.policy = everywhere(accepting())
		return
	}
	if chance(r, 30) {
		k := pgpKeyNamed("ed25519-pgp")
		s.signatures = [][]byte{newPGPMessage(k, simplePayload(taggedName, digest).encode()).bytes()}
		s.policy = rejecting(host, obj("type", str("signedBy"), "keyType", str("GPGKeys"), "keyPath", s.keyFile(".gpg", newKeyring(k).bytes())))
		s.openpgp = true
	} else {
		sig := s.sigstore(keyNamed("p256-a"), taggedName)
		sig.tree = sigstorePayload(taggedName, digest)
		s.signatures = [][]byte{sig.blob()}
		s.policy = rejecting(host, obj("type", str("sigstoreSigned"), "keyData", b64(sig.signer.publicPEM())))
	}
	if chance(r, 15) {
		s.policy = everywhere(accepting())
	}
}

// mixedCase has several requirements and several signatures.
func mixedCase(s *scene) {
	r := s.r
	pgpKeys := []string{"ed25519-pgp", "ed25519-pgp", "ed25519-pgp", "p256-pgp", "rsa2048-pgp"}
	sigstoreKeys := []string{"p256-a", "p256-a", "p256-a", "p256-b", "ed25519-a"}
	for range 1 + r.IntN(4) {
		reference := pick(r, taggedName, taggedName, taggedName, taggedName, repository+":2.0")
		if chance(r, 50) {
			k := pick(r, pgpKeys...)
			s.signatures = append(s.signatures, newPGPMessage(pgpKeyNamed(k), simplePayload(reference, s.digest()).encode()).bytes())
			s.note("signature by %s for %s", k, reference)
		} else {
			k := pick(r, sigstoreKeys...)
			sig := s.sigstore(keyNamed(k), reference)
			if chance(r, 10) {
				sig.mimeType = "application/vnd.dsse.envelope.v1+json"
			}
			s.signatures = append(s.signatures, sig.blob())
			s.note("signature by %s for %s, %s", k, reference, sig.mimeType)
		}
	}
	if chance(r, 12) {
		bad := pick(r, []byte("garbage"), []byte{}, []byte("\x00sigstore-json\n{}"), []byte("\x00simple-signing\nx"), []byte("\x90x"))
		at := r.IntN(len(s.signatures) + 1)
		s.signatures = append(s.signatures[:at:at], append([][]byte{bad}, s.signatures[at:]...)...)
		s.note("bad signature %q", bad)
	}
	if chance(r, 5) {
		s.signatures = nil
	}
	requirements := list()
	for range pick(r, 1, 1, 2, 2, 3) {
		var one *node
		switch r.IntN(14) {
		case 0, 1, 2, 3, 4:
			names := []string{pick(r, pgpKeys...)}
			if chance(r, 60) {
				names = append(names, pick(r, pgpKeys...))
			}
			one = obj("type", str("signedBy"), "keyType", str("GPGKeys"))
			paths := list()
			for _, k := range names {
				paths.items = append(paths.items, s.keyFile(".gpg", newKeyring(pgpKeyNamed(k)).bytes()))
			}
			one.add("keyPaths", paths)
			s.openpgp = true
		case 5, 6, 7, 8, 9:
			one = obj("type", str("sigstoreSigned"), "keyDatas", list(b64(keyNamed(pick(r, sigstoreKeys...)).publicPEM()), b64(keyNamed(pick(r, sigstoreKeys...)).publicPEM())))
		case 10, 11:
			one = accepting()
		case 12:
			one = accepting()
			if chance(r, 50) {
				one = obj("type", str("reject"))
			}
		case 13:
			if chance(r, 50) {
				one = accepting()
				break
			}
			one = pick(r, obj("type", str("signedBaseLayer"), "baseLayerIdentity", obj("type", str("matchExact"))), obj("type", str("signedBy"), "keyType", str(pick(r, "signedByGPGKeys", "X509Certificates", "signedByX509CAs")), "keyData", b64([]byte("x"))))
			s.openpgp = true
		}
		s.note("%s", one.get("type").text)
		requirements.items = append(requirements.items, one)
	}
	s.policy = obj("default", list(obj("type", str("reject"))), "transports", obj("docker", obj(host, requirements)))
	if chance(r, 20) {
		s.policy = everywhere(requirements.items...)
	}
	s.requireSigned = chance(r, 30)
	if s.requireSigned {
		s.note("signature required")
	}
}
