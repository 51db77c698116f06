package main

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
)

// sigkeyScene is one sigstore signature by a key that the policy names.
type sigkeyScene struct {
	*scene
	sig         *sigstoreSignature
	pem         []byte
	requirement func(pem []byte) *node
}

func (g *sigkeyScene) ecOnly(f func(k *ecKey)) {
	if g.sig.signer.ec == nil {
		g.sig.signer = keyNamed("p256-a")
		g.pem = g.sig.signer.publicPEM()
	}
	f(g.sig.signer.ec)
}

func (g *sigkeyScene) block() *pem.Block {
	block, _ := pem.Decode(g.pem)
	return block
}

func (g *sigkeyScene) rawRS(size int) {
	g.ecOnly(func(k *ecKey) {
		r, s := k.signECDSA(hashOf(crypto.SHA256, g.sig.payloadBytes()), 0)
		g.sig.raw = make([]byte, 2*size)
		r.FillBytes(g.sig.raw[:size])
		s.FillBytes(g.sig.raw[size:])
	})
}

func (g *sigkeyScene) members(pairs ...any) {
	g.requirement = func([]byte) *node {
		return obj(append([]any{"type", str("sigstoreSigned")}, append(pairs, "signedIdentity", obj("type", str("matchRepository")))...)...)
	}
}

var sigkeyChanges = []change[*sigkeyScene]{
	{"none", func(g *sigkeyScene) {}},
	{"kind of key", func(g *sigkeyScene) {
		g.sig.signer = keyNamed(pick(g.r, "p224-a", "p384-a", "p521-a", "rsa1024-a", "rsa2048-a", "rsa3072-a", "rsa4096-a", "ed25519-a", "secp256k1-a", "bp256-a", "dsa2048-a"))
		g.pem = g.sig.signer.publicPEM()
		g.note("%s", g.sig.signer.name)
	}},
	{"kind of key ", func(g *sigkeyScene) {
		g.sig.signer = keyNamed(pick(g.r, "p224-a", "p384-a", "p521-a", "rsa1024-a", "rsa2048-a", "ed25519-a"))
		g.pem = g.sig.signer.publicPEM()
		g.note("%s", g.sig.signer.name)
	}},
	{"wrong key", func(g *sigkeyScene) {
		g.pem = keyNamed(pick(g.r, "p256-b", "p384-b", "rsa2048-b", "ed25519-b")).publicPEM()
	}},
	{"hash", func(g *sigkeyScene) {
		if g.sig.signer.ed == nil {
			h := pick(g.r, crypto.SHA384, crypto.SHA512, crypto.SHA1, crypto.SHA224)
			g.sig.raw = g.sig.signer.signWith(h, g.sig.payloadBytes())
			g.note("%s", h)
		} else {
			g.sig.raw = g.sig.signer.sign(hashOf(crypto.SHA256, g.sig.payloadBytes()))
		}
	}},
	{"RSA-PSS", func(g *sigkeyScene) {
		g.sig.signer = keyNamed("rsa2048-a")
		g.pem = g.sig.signer.publicPEM()
		g.sig.raw = g.sig.signer.signPSS(crypto.SHA256, g.sig.payloadBytes())
	}},
	{"RSA PKCS#1 key", func(g *sigkeyScene) {
		g.sig.signer = keyNamed(pick(g.r, "rsa2048-a", "rsa1024-a"))
		g.pem = pemText(pick(g.r, "RSA PUBLIC KEY", "RSA PUBLIC KEY", "PUBLIC KEY"), g.sig.signer.pkcs1())
	}},
	{"PKIX in an RSA block", func(g *sigkeyScene) {
		g.sig.signer = keyNamed("rsa2048-a")
		g.pem = pemText("RSA PUBLIC KEY", g.sig.signer.spki())
	}},
	{"RSA algorithm", func(g *sigkeyScene) {
		k := keyNamed("rsa2048-a")
		g.sig.signer = k
		n, e := k.rsa.N, small(65537)
		spki := pick(g.r, seq(seq(oid("1.2.840.113549.1.1.1")), bits(k.pkcs1())), seq(seq(oid("1.2.840.113549.1.1.10"), derNull), bits(k.pkcs1())),
			seq(rsaAlgorithm, bits(append(k.pkcs1(), 0))), seq(rsaAlgorithm, bits(seq(integer(n), small(3)))), seq(rsaAlgorithm, bits(seq(integer(n), small(0)))),
			seq(rsaAlgorithm, bits(seq(integer(n), small(2)))), seq(rsaAlgorithm, bits(seq(integer(n), small(1<<31)))), seq(rsaAlgorithm, bits(seq(integer(n), small(1<<31-1)))), seq(rsaAlgorithm, bits(seq(integer(new(big.Int).Neg(n)), e))),
			seq(rsaAlgorithm, bits(seq(integer(n), e, derNull))), seq(rsaAlgorithm, bits(seq(integer(new(big.Int).Lsh(n, 1)), e))), seq(rsaAlgorithm, bits(seq(small(0), e))), seq(rsaAlgorithm, tlv(0x03, append([]byte{1}, k.pkcs1()...))))
		g.pem = pemText("PUBLIC KEY", spki)
		g.note("%d", len(spki))
	}},
	{"EC point", func(g *sigkeyScene) {
		g.ecOnly(func(k *ecKey) {
			hybrid := k.point()
			hybrid[0] = 6 + byte(k.y.Bit(0))
			off := k.point()
			off[len(off)-1] ^= 1
			point := pick(g.r, k.compressed(), hybrid, off, append(k.point(), 0), []byte{0}, k.point()[1:], make([]byte, len(off)))
			g.pem = pemText("PUBLIC KEY", seq(g.sig.signer.ecAlgorithm(), bits(point)))
			g.note("%x", point[:min(1, len(point))])
		})
	}},
	{"EC parameters", func(g *sigkeyScene) {
		g.ecOnly(func(k *ecKey) {
			parameters := pick(g.r, nil, derNull, oid(curveOIDs["P-384"]), oid(curveOIDs["secp256k1"]), seq(small(1)), append(oid(curveOIDs["P-256"]), derNull...))
			g.pem = pemText("PUBLIC KEY", seq(seq(oid("1.2.840.10045.2.1"), parameters), bits(k.point())))
		})
	}},
	{"Ed25519 parameters", func(g *sigkeyScene) {
		k := keyNamed("ed25519-a")
		g.sig.signer = k
		g.pem = pemText("PUBLIC KEY", pick(g.r, seq(seq(oid("1.3.101.112"), derNull), bits(k.ed[32:])), seq(seq(oid("1.3.101.112")), bits(k.ed[33:])), seq(seq(oid("1.3.101.110")), bits(k.ed[32:]))))
	}},
	{"DER of the key", func(g *sigkeyScene) {
		der := g.sig.signer.spki()
		changed := pick(g.r, append(bytes.Clone(der), 0), longTLV(0x30, der[2:]), der[:len(der)-1], append([]byte{0x30, 0x80}, append(bytes.Clone(der[2:]), 0, 0)...), []byte{})
		g.pem = pemText("PUBLIC KEY", changed)
	}},
	{"structure of the key", func(g *sigkeyScene) {
		der, what := mutateDER(g.r, g.sig.signer.spki())
		g.pem = pemText("PUBLIC KEY", der)
		g.note("%s", what)
	}},
	{"structure of the signature", func(g *sigkeyScene) {
		g.ecOnly(func(*ecKey) {
			der, what := mutateDER(g.r, g.sig.signatureBytes())
			g.sig.raw = der
			g.note("%s", what)
		})
	}},
	{"bit flip in the key", func(g *sigkeyScene) {
		der := bytes.Clone(g.sig.signer.spki())
		der[g.r.IntN(len(der))] ^= 1 << g.r.IntN(8)
		g.pem = pemText("PUBLIC KEY", der)
	}},
	{"PEM type", func(g *sigkeyScene) {
		kind := pick(g.r, "public key", "EC PUBLIC KEY", "CERTIFICATE", "PUBLIC KEY ", "", "PRIVATE KEY", "RSA PUBLIC KEY", "PUBLIC  KEY")
		g.pem = bytes.ReplaceAll(g.pem, []byte("PUBLIC KEY"), []byte(kind))
		g.note("%q", kind)
	}},
	{"certificate as a key", func(g *sigkeyScene) {
		k := keyNamed("p256-ca0")
		g.pem = newCA("x", k, nil, k).pem()
	}},
	{"text before the key", func(g *sigkeyScene) {
		text := pick(g.r, "comment\n", "\n", " ", "\xef\xbb\xbf", "x", "\t\n", "-----BEGIN X-----\n", "-----BEGIN PUBLIC KEY-----\ngarbage!\n-----END PUBLIC KEY-----\n", "\r\n", "----\n")
		g.pem = append([]byte(text), g.pem...)
		g.note("%q", text)
	}},
	{"text after the key", func(g *sigkeyScene) {
		text := pick(g.r, "comment", "\n", "\x00", string(keyNamed("p256-b").publicPEM()), "-----BEGIN X-----\n")
		g.pem = append(g.pem, text...)
	}},
	{"other key first", func(g *sigkeyScene) { g.pem = append(keyNamed("p256-b").publicPEM(), g.pem...) }},
	{"PEM headers", func(g *sigkeyScene) {
		b := g.block()
		b.Headers = map[string]string{"Comment": "x", "Proc-Type": "4,ENCRYPTED"}
		if chance(g.r, 50) {
			delete(b.Headers, "Proc-Type")
		}
		g.pem = pem.EncodeToMemory(b)
		if chance(g.r, 30) {
			g.pem = bytes.Replace(g.pem, []byte("\n\n"), []byte("\n"), 1)
		}
	}},
	{"PEM body", func(g *sigkeyScene) {
		text := base64.StdEncoding.EncodeToString(g.block().Bytes)
		body := pick(g.r, text, strings.Join(strings.Split(text, ""), "\n"), text[:10]+" "+text[10:], text[:10]+"\t"+text[10:], text[:10]+"\n\n"+text[10:], strings.TrimRight(text, "="), text+"=", text[:10]+"!"+text[10:],
			text[:10]+"\r\n"+text[10:]+"\r", text+"\n=abcd", " "+text+" ", looseBase64(text), base64.URLEncoding.EncodeToString(g.block().Bytes), text[:10]+"\x00"+text[10:], text[:10]+"-"+text[10:], text[:10]+":"+text[10:])
		g.pem = []byte("-----BEGIN PUBLIC KEY-----\n" + body + "\n-----END PUBLIC KEY-----\n")
		g.note("%q", shorten(body))
	}},
	{"PEM lines", func(g *sigkeyScene) {
		text := string(g.pem)
		changed := pick(g.r, strings.ReplaceAll(text, "\n", "\r\n"), strings.TrimSuffix(text, "\n"), strings.ReplaceAll(text, "\n", "\r"), strings.Replace(text, "-----BEGIN", "----BEGIN", 1), strings.Replace(text, "KEY-----\n", "KEY----- \n", 1),
			strings.Replace(text, "-----END PUBLIC KEY-----", "-----END CERTIFICATE-----", 1), strings.Replace(text, "-----END PUBLIC KEY-----", "", 1), strings.Replace(text, "\n-----END", "-----END", 1), strings.Replace(text, "END PUBLIC KEY-----\n", "END PUBLIC KEY-----x", 1),
			strings.Replace(text, "END PUBLIC KEY-----\n", "END PUBLIC KEY----- \t\n", 1), strings.Replace(text, "-----BEGIN PUBLIC KEY-----\n", "-----BEGIN PUBLIC KEY-----", 1), " "+text, strings.Replace(text, "BEGIN PUBLIC KEY-----\n", "BEGIN PUBLIC KEY-----\n\n", 1), strings.Replace(text, "END PUBLIC KEY", "END  PUBLIC KEY", 1),
			strings.Replace(text, "BEGIN PUBLIC KEY-----", "BEGIN PUBLIC KEY----- -----", 1), strings.ToLower(text))
		g.pem = []byte(changed)
		g.note("%q", shorten(changed))
	}},
	{"key file empty or garbage", func(g *sigkeyScene) { g.pem = []byte(pick(g.r, "", "garbage", "\n", string(g.sig.signer.spki()))) }},
	// The signature
	{"DER of the signature", func(g *sigkeyScene) {
		g.ecOnly(func(k *ecKey) {
			r, s := k.signECDSA(hashOf(crypto.SHA256, g.sig.payloadBytes()), 0)
			R, S := integer(r), integer(s)
			good := seq(R, S)
			padded := tlv(0x02, append([]byte{0}, R[2:]...))
			stripped := tlv(0x02, bytes.TrimLeft(R[2:], "\x00"))
			negative := integer(new(big.Int).Neg(s))
			n := k.curve.Params().N
			g.sig.raw = pick(g.r, longTLV(0x30, good[2:]), seq(padded, S), seq(stripped, S), seq(R, longTLV(2, S[2:])), append(bytes.Clone(good), 0), seq(R, S, derNull), seq(R, negative), seq(R), seq(S, R), set(R, S),
				seq(small(0), S), seq(R, small(0)), seq(integer(new(big.Int).Add(r, n)), S), seq(R, integer(new(big.Int).Add(s, n))), seq(small(1), small(1)), append([]byte{0x30, 0x80}, append(bytes.Clone(good[2:]), 0, 0)...))
		})
	}},
	{"high or low s", func(g *sigkeyScene) {
		g.ecOnly(func(k *ecKey) {
			r, s := k.signECDSA(hashOf(crypto.SHA256, g.sig.payloadBytes()), 0)
			g.sig.raw = seq(integer(r), integer(new(big.Int).Sub(k.curve.Params().N, s)))
		})
	}},
	{"raw r and s", func(g *sigkeyScene) { g.rawRS(g.sig.signer.ec.size()) }},
	{"raw r and s, longer", func(g *sigkeyScene) { g.rawRS(g.sig.signer.ec.size() + 1 + g.r.IntN(20)) }},
	{"raw r and s that looks like DER", func(g *sigkeyScene) {
		g.ecOnly(func(k *ecKey) {
			for salt := range 256 {
				r, s := k.signECDSA(hashOf(crypto.SHA256, g.sig.payloadBytes()), byte(salt))
				raw := make([]byte, 2*k.size())
				r.FillBytes(raw[:k.size()])
				s.FillBytes(raw[k.size():])
				if raw[0] == 0x30 || salt == 255 {
					g.sig.raw = raw
					return
				}
			}
		})
	}},
	{"signature changed", func(g *sigkeyScene) {
		b := bytes.Clone(g.sig.signatureBytes())
		b[g.r.IntN(len(b))] ^= 1 << g.r.IntN(8)
		g.sig.raw = b
	}},
	{"signature's length", func(g *sigkeyScene) {
		b := g.sig.signatureBytes()
		g.sig.raw = pick(g.r, []byte{}, b[:len(b)-1], append(bytes.Clone(b), 0), append([]byte{0}, b...), b[:1])
		if len(g.sig.raw) == 0 {
			g.sig.base64 = " "
		}
	}},
	{"signature's base64", func(g *sigkeyScene) {
		text := base64.StdEncoding.EncodeToString(g.sig.signatureBytes())
		g.sig.base64 = pick(g.r, strings.TrimRight(text, "="), text+"\n", text[:5]+"\r\n"+text[5:], " "+text, base64.URLEncoding.EncodeToString(g.sig.signatureBytes()), looseBase64(text), text+"=", text[:5]+"\x00"+text[5:], text+"AAAA", text[:len(text)-1]+"\n"+text[len(text)-1:], "=", "\n")
		g.note("%q", shorten(g.sig.base64))
	}},
	{"no signature", func(g *sigkeyScene) { g.sig.noSignature = true }},
	{"payload changed after signing", func(g *sigkeyScene) { g.sig.signatureBytes(); g.sig.payload = append(bytes.Clone(g.sig.payload), ' ') }},
	// Where the key is named
	{"keyData", func(g *sigkeyScene) {
		g.requirement = func(b []byte) *node {
			return obj("type", str("sigstoreSigned"), "keyData", b64(b), "signedIdentity", obj("type", str("matchRepository")))
		}
	}},
	{"keyData spelled", func(g *sigkeyScene) {
		g.requirement = func(b []byte) *node {
			data := b64(b)
			g.note("%s", spellBase64(g.r, data, b))
			return obj("type", str("sigstoreSigned"), "keyData", data, "signedIdentity", obj("type", str("matchRepository")))
		}
	}},
	{"keyPaths", func(g *sigkeyScene) { g.several(func(b []byte) *node { return g.keyFile(".pub", b) }, "keyPaths") }},
	{"keyDatas", func(g *sigkeyScene) { g.several(b64, "keyDatas") }},
	{"two sources", func(g *sigkeyScene) {
		g.requirement = func(b []byte) *node {
			second := pick(g.r, member{"keyData", "", b64(b)}, member{"keyData", "", lit("null")}, member{"keyData", "", str("")}, member{"keyPaths", "", lit("null")}, member{"keyPaths", "", list()}, member{"keyDatas", "", lit("null")},
				member{"fulcio", "", lit("null")}, member{"pki", "", lit("null")}, member{"keyDatas", "", list(b64(b))}, member{"fulcio", "", obj()})
			n := g.sigstoreSigned(b)
			n.add(second.key, second.value)
			g.note("%s: %.20s", second.key, second.value.encode())
			return n
		}
	}},
	{"empty key members", func(g *sigkeyScene) {
		g.members(pick(g.r, "keyPath", "keyData", "keyDatas", "keyPaths"), pick(g.r, str(""), lit("null"), list(), list(str("")), list(lit("null"))))
	}},
	{"missing key file", func(g *sigkeyScene) {
		g.members("keyPath", str(g.out.root+"/keys/none.pub"))
	}},
	{"key file is a folder", func(g *sigkeyScene) { g.members("keyPath", str(g.out.root)) }},
	{"signature for another digest", func(g *sigkeyScene) { g.sig.tree = sigstorePayload(taggedName, "sha256:"+sha256Hex([]byte("x"))) }},
	{"manifest changed", func(g *sigkeyScene) { g.sig.signatureBytes(); g.manifest = append(bytes.Clone(g.manifest), '\n') }},
}

// several names the key beside others, good and bad.
func (g *sigkeyScene) several(name func([]byte) *node, field string) {
	g.requirement = func(b []byte) *node {
		good := name(b)
		other := name(keyNamed(pick(g.r, "p256-b", "rsa2048-b", "ed25519-b")).publicPEM())
		bad := name([]byte("garbage"))
		keys := pick(g.r, list(good), list(other, good), list(good, other), list(other), list(good, bad), list(bad, good), list(other, bad), list(good, str("")), list(good, lit("null")), list(good, good))
		g.note("%s: %d keys", field, len(keys.items))
		return obj("type", str("sigstoreSigned"), field, keys, "signedIdentity", obj("type", str("matchRepository")))
	}
}

func sigkeyCase(s *scene) {
	signer := keyNamed(pick(s.r, "p256-a", "p256-a", "p384-a", "p521-a", "rsa2048-a", "ed25519-a"))
	g := &sigkeyScene{scene: s, sig: s.sigstore(signer, taggedName), pem: signer.publicPEM()}
	g.requirement = s.sigstoreSigned
	changes(s, g, sigkeyChanges)
	s.policy = rejecting(host, g.requirement(g.pem))
	s.signatures = [][]byte{g.sig.blob()}
}

// payloadCase changes the signed JSON, of sigstore and of simple signing.
func payloadCase(s *scene) {
	simple := chance(s.r, 45)
	var tree *node
	if simple {
		tree = simplePayload(taggedName, s.digest())
	} else {
		tree = sigstorePayload(taggedName, s.digest())
	}
	var text []byte
	words := []string{"critical", "optional", "identity", "image", "type", "docker-reference", "docker-manifest-digest", "creator", "timestamp"}
	for range s.changeCount() {
		switch s.r.IntN(7) {
		case 0, 1:
			s.note("%s", s.json(words...).mutate(tree))
		case 2:
			special := pick(s.r, "optional null", "optional empty", "creator", "timestamp", "timestamp", "timestamp", "optional extra", "optional extra", "optional nested duplicate")
			optional := tree.get("optional")
			if optional == nil || optional.kind != 'o' {
				continue
			}
			switch special {
			case "optional null":
				tree.set("optional", lit("null"))
			case "optional empty":
				tree.set("optional", obj())
			case "creator":
				optional.set("creator", pick(s.r, lit("null"), str(""), lit("1"), obj(), str("\u0000")))
			case "timestamp":
				spelling := pick(s.r, "1e3", "1.0", "1.5", "null", "-9223372036854775808", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "1e18", "1e19", "9007199254740993", "0", "-0", "-0.0", "1e400", "1e-400", "1706789000.0000001", "4.9e-324", `"1"`, "9223372036854774784", "1E3", "true")
				optional.set("timestamp", lit(spelling))
				special += " " + spelling
			case "optional extra":
				optional.add(pick(s.r, "x", "", "Creator", "TIMESTAMP"), pick(s.r, lit("null"), obj("a", list(lit("1e999"))), str("x"), lit("1e999"), lit("1e308"), obj("a", lit("1"), "a", lit("2"))))
			case "optional nested duplicate":
				optional.add("x", obj("a", lit("1"), "a", lit("2")))
				optional.add("x", lit("1"))
			}
			s.note("%s", special)
		case 3:
			digest := pick(s.r, s.digest(), "sha256:"+upper(sha256Hex(s.manifest)), "SHA256:"+sha256Hex(s.manifest), s.digest()[:70], s.digest()+"0", sha256Hex(s.manifest), "sha512:"+strings.Repeat("0", 128), "sha384:"+strings.Repeat("a", 96), "", "sha256:", " "+s.digest(), s.digest()+"\n", "md5:"+strings.Repeat("0", 32), "sha256:"+strings.Repeat("0", 64))
			tree.get("critical", "image").set("docker-manifest-digest", str(digest))
			s.note("digest %q", digest)
		case 4:
			kind := pick(s.r, "atomic container signature", "cosign container image signature", "Atomic container signature", "", "https://sigstore.dev/cosign/sign/v1", "atomic container signature ", "cosign container image signature\u0000")
			tree.get("critical").set("type", str(kind))
			s.note("type %q", kind)
		case 5:
			reference := pick(s.r, repository, repository+":2.0", repository+"@"+s.digest(), taggedName+"@"+s.digest(), "", "Bad Reference", repository+":", "vendor/app:1.0", "//"+taggedName, "docker://"+taggedName, taggedName+" ", upper(taggedName), taggedName+"\n")
			tree.get("critical", "identity").set("docker-reference", str(reference))
			s.note("reference %q", reference)
		case 6:
			var what string
			text, what = s.json(words...).mutateText(tree.encode())
			s.note("text: %s", what)
		}
	}
	if text == nil {
		text = tree.encode()
	}
	identityMatch := obj("type", str(pick(s.r, "matchExact", "matchRepository", "matchRepoDigestOrExact")))
	if simple {
		s.openpgp = true
		m := newPGPMessage(pgpKeyNamed("ed25519-pgp"), text)
		s.signatures = [][]byte{m.bytes()}
		s.policy = rejecting(host, obj("type", str("signedBy"), "keyType", str("GPGKeys"), "keyData", b64(newKeyring(pgpKeyNamed("ed25519-pgp")).bytes()), "signedIdentity", identityMatch))
		return
	}
	sig := s.sigstore(keyNamed("p256-a"), "")
	sig.payload = text
	s.signatures = [][]byte{sig.blob()}
	s.policy = rejecting(host, obj("type", str("sigstoreSigned"), "keyData", b64(sig.signer.publicPEM()), "signedIdentity", identityMatch))
}

// envelopeCase changes the signature file around a good signature, and the directory it is in.
func envelopeCase(s *scene) {
	if chance(s.r, 22) {
		envelopeSimple(s)
		return
	}
	g := s.sigstore(keyNamed("p256-a"), taggedName)
	s.policy = rejecting(host, obj("type", str("sigstoreSigned"), "keyData", b64(g.signer.publicPEM())))
	tree := g.envelopeTree()
	var text []byte
	for range s.changeCount() {
		switch s.r.IntN(9) {
		case 0, 1:
			s.note("%s", s.json("mimeType", "payload", "annotations", annotationSignature, annotationBundle).mutate(tree))
		case 2:
			key := pick(s.r, "mimeType", "payload", "annotations")
			spelled := pick(s.r, upper(key), strings.ToLower(key), strings.ToUpper(key[:1])+key[1:], strings.ReplaceAll(key, "s", "ſ"))
			for i := range tree.members {
				if tree.members[i].key == key {
					tree.members[i].key = spelled
				}
			}
			s.note("key %q", spelled)
		case 3:
			annotations := tree.get("annotations")
			if annotations == nil || annotations.kind != 'o' {
				continue
			}
			twin := pick(s.r, obj(), obj("x", str("y")), lit("null"), obj(annotationSignature, str("AAAA")), annotations.clone(), obj(annotationSignature, lit("null")), obj("x", number(1)), list())
			where := pick(s.r, "first", "last", "instead")
			switch where {
			case "first":
				tree.members = append([]member{{key: pick(s.r, "annotations", "Annotations"), value: twin}}, tree.members...)
			case "last":
				tree.add(pick(s.r, "annotations", "ANNOTATIONS"), twin)
			default:
				for i, m := range annotations.members { // split in two objects that merge
					half := obj()
					half.members = append(half.members, annotations.members[i+1:]...)
					half.members = append(half.members, m)
					tree.set("annotations", obj())
					tree.add("annotations", half)
					break
				}
			}
			s.note("annotations twice, %s: %s", where, shorten(string(twin.encode())))
		case 4:
			mime := pick(s.r, "", "application/vnd.dsse.envelope.v1+json", "application/vnd.dev.cosign.simplesigning.v1+JSON", sigstoreMIMEType+" ", sigstoreMIMEType+"; charset=utf-8")
			tree.set("mimeType", str(mime))
			s.note("MIME type %q", mime)
		case 5:
			payload := tree.get("payload")
			if payload == nil {
				continue
			}
			s.note("payload: %s", spellBase64(s.r, payload, g.payloadBytes()))
		case 6:
			g.prefix = pick(s.r, "\x00sigstore-json\n\n", "\x00sigstore-json\r\n", "\x00sigstore-json \n", "\x00Sigstore-json\n", "sigstore-json\n", "\x00sigstore-json", "\x00simple-signing\n", "\x00\n", "", "\x00sigstore-json\n ", "\x00\x00sigstore-json\n", "\x00sigstore\x7f-json\n", "\x00sigstore-json2\n")
			s.note("prefix %q", g.prefix)
		case 7:
			var what string
			text, what = s.json().mutateText(tree.encode())
			s.note("text: %s", what)
		case 8:
			envelopeFiles(s)
		}
	}
	if text == nil {
		text = tree.encode()
	}
	g.envelopeRaw = text
	s.signatures = append([][]byte{g.blob()}, s.signatures...)
	if chance(s.r, 10) {
		s.note("another signature first")
		s.signatures = append([][]byte{s.sigstore(keyNamed("p256-b"), taggedName).blob()}, s.signatures...)
	}
}

// envelopeFiles changes what files there are in the directory.
func envelopeFiles(s *scene) {
	switch s.r.IntN(9) {
	case 0:
		bad := pick(s.r, []byte{}, []byte("garbage"), []byte{0}, []byte("\x00other\nx"), []byte("\x00sigstore-json\n{"), []byte("\x00sigstore-json\n"), []byte("\x00sigstore-json\nnull"), []byte("\x00sigstore-json\n{}"), []byte("\x00simple-signing\n"))
		s.signatures = append(s.signatures, bad)
		s.note("a second file %q", bad)
	case 1:
		s.extra["signature-3"] = entry{content: []byte("garbage")}
		s.note("garbage after a gap")
	case 2:
		s.extra["signature-2"] = entry{folder: true}
		s.note("a folder as signature-2")
	case 3:
		version := pick(s.r, "Directory Transport Version: 1.1\n", "Directory Transport Version: 1.2\n", "Directory Transport Version: 1.0\n", "Directory Transport Version: 1.3\n", "Directory Transport Version: 1.10\n", "Directory Transport Version: 0.99\n", "Directory Transport Version: -1.1\n", "Directory Transport Version: 1.1",
			"Directory Transport Version: 1\n", "Directory Transport Version: 1.1 \n", "Directory Transport Version: 1.1\n\n", "Directory Transport Version:  1.1\n", "directory transport version: 1.1\n", "", "Directory Transport Version: 01.01\n", "Directory Transport Version: 2.0\n", "Directory Transport Version: +1.1\n", "Directory Transport Version: 1.2.3\n", "Directory Transport Version: 1.1\r\n",
			"Directory Transport Version: 0x1.1\n", "Directory Transport Version: 1.-5\n", "Directory Transport Version: 1.99999999999999999999\n", "Directory Transport Version: 1.1x", "Directory Transport Version: 1.0x2\n", "Directory Transport Version: 1_0.1\n", "Directory Transport Version: 0b1.1\n", "Directory Transport Version: 1.1\t\n", "Directory Transport Version:1.1\n")
		s.version = []byte(version)
		s.note("version %q", version)
	case 4:
		s.noManifest = true
		s.note("no manifest")
	case 5:
		s.extra["manifest.json"] = entry{folder: true}
		s.note("a folder as manifest.json")
	case 6:
		s.extra["version"] = entry{folder: true}
		s.note("a folder as version")
	case 7:
		s.missingSource = true
		s.note("no such source")
	case 8:
		s.extra["signature-0"] = entry{content: []byte("garbage")}
		s.extra["signature-01"] = entry{content: []byte("garbage")}
		s.note("files that are no signatures")
	}
	if chance(s.r, 10) {
		s.policy = everywhere(accepting())
		s.note("everything is accepted")
	}
}

// envelopeSimple is about the blob around an OpenPGP message.
func envelopeSimple(s *scene) {
	s.openpgp = true
	k := pgpKeyNamed("ed25519-pgp")
	m := newPGPMessage(k, simplePayload(taggedName, s.digest()).encode())
	m.oldFormat, m.compression = chance(s.r, 30), pick(s.r, 0, 0, 1, 2)
	blob := m.bytes()
	switch s.r.IntN(4) {
	case 0:
		prefix := pick(s.r, "\x00simple-signing\n", "\x00simple-signing\r\n", "\x00simple-signing", "\x00Simple-signing\n", "\x00simple-signing \n", "\n", " ", "\x00sigstore-json\n", "\x00\n")
		blob = append([]byte(prefix), blob...)
		s.note("prefix %q", prefix)
	case 1:
		first := byte(pick(s.r, 0x90, 0x91, 0x92, 0x93, 0x3d, 0xc4, 0xa3, 0x88, 0xc2, 0xcb, 0xca, 0x2d, 0x00, 0x99, 0xc6))
		blob = append([]byte{first}, blob[1:]...)
		s.note("first byte %#x", first)
		if chance(s.r, 40) {
			blob = append([]byte("\x00simple-signing\n"), blob...)
			s.note("with a prefix")
		}
	case 2:
		envelopeFiles(s)
	}
	s.signatures = append([][]byte{blob}, s.signatures...)
	if s.policy == nil {
		s.policy = rejecting(host, obj("type", str("signedBy"), "keyType", str("GPGKeys"), "keyData", b64(newKeyring(k).bytes())))
	}
}

// rekorScene is a signature by a key with an entry in a log.
type rekorScene struct {
	*scene
	sig   *sigstoreSignature
	entry *rekorEntry
	logs  func() (string, *node)
	// the key in the policy: text around it, and whether it is spelled as PKCS#1
	pemHead, pemTail []byte
	pemRSA           bool
}

var bodyWords = []string{"apiVersion", "kind", "spec", "data", "hash", "algorithm", "value", "signature", "content", "publicKey"}

var rekorChanges = []change[*rekorScene]{
	{"none", func(g *rekorScene) {}},
	{"body", func(g *rekorScene) { g.entry.body = func(n *node) { g.note("%s", g.json(bodyWords...).mutate(n)) } }},
	{"body ", func(g *rekorScene) { g.entry.body = func(n *node) { g.note("%s", g.json(bodyWords...).mutate(n)) } }},
	{"body's text", func(g *rekorScene) {
		g.entry.bodyText = func(b []byte) []byte {
			b, what := g.json().mutateText(b)
			g.note("%s", what)
			return b
		}
	}},
	{"payload before signing", func(g *rekorScene) {
		g.entry.payload = func(n *node) { g.note("%s", g.json("body", "integratedTime", "logIndex", "logID").mutate(n)) }
	}},
	{"payload after signing", func(g *rekorScene) {
		g.entry.delivered = func(n *node) { g.note("%s", g.json("body", "integratedTime", "logIndex", "logID").mutate(n)) }
	}},
	{"text of the payload", func(g *rekorScene) {
		g.entry.deliveredText = func(b []byte) []byte {
			b, what := g.json().mutateText(b)
			g.note("%s", what)
			return b
		}
	}},
	{"order and spelling after signing", func(g *rekorScene) {
		g.entry.delivered = func(n *node) {
			g.r.Shuffle(len(n.members), func(i, k int) { n.members[i], n.members[k] = n.members[k], n.members[i] })
			for i := range n.members {
				m := &n.members[i]
				if chance(g.r, 40) {
					m.rawKey = escapeJSON(g.r, m.key, "")
				}
				if m.value.kind == 's' && chance(g.r, 40) {
					m.value.raw = escapeJSON(g.r, m.value.text, "")
				}
			}
		}
	}},
	{"numbers spelled after signing", func(g *rekorScene) {
		g.entry.payload = func(n *node) { n.set("integratedTime", lit("1706789060")) }
		g.entry.delivered = func(n *node) {
			spelling := pick(g.r, "1.70678906e9", "1706789060.0", "17067890600e-1", "1706789060.00000000001", "1706789060.0000001", "170678906E+1", "01706789060", "1706789061", "0.170678906e10", "1706789060.", "+1706789060", "1706789060e0", `"1706789060"`, "-1706789060")
			n.set("integratedTime", lit(spelling))
			g.note("%s", spelling)
		}
	}},
	{"numbers before signing", func(g *rekorScene) {
		g.entry.payload = func(n *node) {
			spelling := pick(g.r, "1.5", "1e20", "1e21", "9007199254740993", "9223372036854775807", "9223372036854775808", "-0", "0", "1e-7", "null", `"1"`, "true", "-1", "123456789012345680000", "1e400", "5e-324", "-9223372036854775808")
			n.set(pick(g.r, "logIndex", "integratedTime"), lit(spelling))
			g.note("%s", spelling)
		}
	}},
	{"log ID", func(g *rekorScene) {
		g.entry.payload = func(n *node) {
			value := pick(g.r, str(""), lit("null"), str("anything"), str("é\u2028<>&"), lit(`"\ud800\u0041"`), lit(`"\ud800"`), lit(`"\ud83d\ude00"`), lit(`"\u000a\u007f\/"`), lit("\"\xff\""), lit(`"\udc00"`), number(1), lit(`"\u0000"`))
			n.set("logID", value)
			g.note("%s", value.encode())
		}
	}},
	{"bundle", func(g *rekorScene) {
		g.entry.bundleTree = func(n *node) { g.note("%s", g.json("SignedEntryTimestamp", "Payload", "body").mutate(n)) }
	}},
	{"bundle's text", func(g *rekorScene) {
		g.entry.bundleText = func(b []byte) []byte {
			b, what := g.json().mutateText(b)
			g.note("%s", what)
			return b
		}
	}},
	{"log's signature", func(g *rekorScene) {
		g.entry.timestamp = func(b []byte) []byte {
			switch g.r.IntN(5) {
			case 0:
				return append(b, 0)
			case 1:
				return longTLV(0x30, b[2:])
			case 2:
				b = bytes.Clone(b)
				b[g.r.IntN(len(b))] ^= 1 << g.r.IntN(8)
				return b
			case 3:
				return nil
			default: // raw r and s are not taken here
				r, s := new(big.Int).SetBytes(b[4:4+int(b[3])]), new(big.Int).SetBytes(b[6+int(b[3]):])
				raw := make([]byte, 64)
				r.FillBytes(raw[:32])
				s.FillBytes(raw[32:])
				return raw
			}
		}
	}},
	{"another log", func(g *rekorScene) { g.entry.log = keyNamed("p256-otherlog") }},
	{"kind of the log's key", func(g *rekorScene) {
		g.entry.log = keyNamed(pick(g.r, "p224-log", "p384-log", "p521-log", "rsa2048-log", "ed25519-log", "secp256k1-log"))
		g.logs = func() (string, *node) { return "rekorPublicKeyData", b64(g.entry.log.publicPEM()) }
		g.note("%s", g.entry.log.name)
	}},
	{"several log keys", func(g *rekorScene) {
		g.logs = func() (string, *node) {
			field, name := "rekorPublicKeyDatas", b64
			if chance(g.r, 50) {
				field, name = "rekorPublicKeyPaths", func(b []byte) *node { return g.keyFile(".pub", b) }
			}
			good, other := name(keyNamed("p256-rekor").publicPEM()), name(keyNamed("p384-otherlog").publicPEM())
			rsa, bad := name(keyNamed("rsa2048-log").publicPEM()), name([]byte("garbage"))
			keys := pick(g.r, list(good), list(other, good), list(good, other), list(other), list(good, rsa), list(good, bad), list(), list(lit("null")), lit("null"), list(good, good))
			g.note("%s", shorten(string(keys.encode())))
			return field, keys
		}
	}},
	{"log key members", func(g *rekorScene) {
		g.logs = func() (string, *node) {
			field := pick(g.r, "rekorPublicKeyPath", "rekorPublicKeyData", "rekorPublicKeyPaths", "rekorPublicKeyDatas")
			value := pick(g.r, str(""), lit("null"), list(), str("x"), list(str("")), number(1))
			g.note("%s: %s", field, value.encode())
			return field, value
		}
	}},
	{"entry's key", func(g *rekorScene) {
		pemBytes := g.sig.signer.publicPEM()
		changed := pick(g.r, keyNamed("p256-b").publicPEM(), append([]byte("comment\n"), pemBytes...), append(bytes.Clone(pemBytes), '\n'), bytes.ReplaceAll(pemBytes, []byte("PUBLIC KEY"), []byte("X")), bytes.ReplaceAll(pemBytes, []byte("\n"), []byte("\r\n")), []byte("x"), []byte{},
			bytes.TrimSuffix(pemBytes, []byte("\n")), g.sig.signer.spki(), append(bytes.Clone(pemBytes), ' '), pem.EncodeToMemory(&pem.Block{Type: "X", Headers: map[string]string{"a": "b"}, Bytes: g.sig.signer.spki()}))
		g.entry.keyPEM = changed
		g.note("%q", shorten(string(changed)))
	}},
	{"hash of the entry", func(g *rekorScene) {
		g.entry.body = func(n *node) {
			hash := n.get("spec", "data", "hash")
			value := hash.get("value").text
			switch g.r.IntN(4) {
			case 0:
				hash.set("value", str(pick(g.r, upper(value), value[:62], value+"00", "", value[:63]+"g", " "+value, sha256Hex([]byte("x")))))
			case 1:
				hash.set("algorithm", str(pick(g.r, "SHA256", "sha512", "", "sha384", "sha-256")))
			case 2:
				hash.set("algorithm", lit("null"))
			case 3:
				hash.set("value", lit("null"))
			}
		}
	}},
	{"signature of the entry", func(g *rekorScene) {
		g.entry.body = func(n *node) {
			n.get("spec", "signature").set("content", pick(g.r, b64([]byte("x")), str(""), lit("null"), b64(g.sig.signer.sign([]byte("x")))))
		}
	}},
	{"same signature, spelled otherwise", func(g *rekorScene) {
		r, s := g.sig.signer.ec.signECDSA(hashOf(crypto.SHA256, g.sig.payloadBytes()), 1)
		g.entry.body = func(n *node) {
			n.get("spec", "signature").set("content", b64(seq(integer(r), integer(s))))
		}
	}},
	{"kind and version of the entry", func(g *rekorScene) {
		g.entry.body = func(n *node) {
			if chance(g.r, 50) {
				n.set("kind", pick(g.r, str("rekord"), str("Hashedrekord"), str(""), lit("null"), str("hashedrekord ")))
			} else {
				n.set("apiVersion", pick(g.r, str("0.0.2"), str(""), lit("null"), str("0.0.1 "), number(1)))
			}
		}
	}},
	{"letter case and repeats in the body", func(g *rekorScene) {
		g.entry.body = func(n *node) {
			for _, o := range []*node{n, n.get("spec"), n.get("spec", "data"), n.get("spec", "data", "hash"), n.get("spec", "signature"), n.get("spec", "signature", "publicKey")} {
				for i := range o.members {
					if chance(g.r, 25) {
						o.members[i].key = pick(g.r, upper(o.members[i].key), strings.ToLower(o.members[i].key))
					}
				}
				if chance(g.r, 15) {
					twin := o.members[g.r.IntN(len(o.members))]
					twin.value = pick(g.r, twin.value, lit("null"), str("x"), obj())
					if chance(g.r, 60) {
						o.members = append([]member{twin}, o.members...)
					} else {
						o.members = append(o.members, twin)
					}
				}
				if chance(g.r, 15) {
					o.add("unknown", lit("1"))
				}
			}
		}
	}},
	{"entry of another signature", func(g *rekorScene) {
		other := g.sigstore(g.sig.signer, repository+":2.0")
		g.sig.rekor = nil
		g.sig.extra = append(g.sig.extra, member{key: annotationBundle, value: str(string(g.entry.bundle(other)))})
	}},
	{"no entry", func(g *rekorScene) { g.sig.rekor = nil }},
	{"entry empty", func(g *rekorScene) {
		g.sig.rekor = nil
		g.sig.extra = append(g.sig.extra, member{key: annotationBundle, value: str(pick(g.r, "", "null", "{}", "[]", "x"))})
	}},
	{"signature's base64", func(g *rekorScene) {
		text := base64.StdEncoding.EncodeToString(g.sig.signatureBytes())
		g.sig.base64 = pick(g.r, text+"\n", looseBase64(text), text[:5]+"\r\n"+text[5:], strings.TrimRight(text, "="))
	}},
	{"certificate annotation beside", func(g *rekorScene) {
		g.sig.extra = append(g.sig.extra, member{key: annotationCertificate, value: str("x")})
	}},
	{"policy's key with text around", func(g *rekorScene) {
		g.pemTail = []byte(pick(g.r, "\n", "x", string(keyNamed("p256-b").publicPEM()), " "))
	}},
	{"policy's key with text before", func(g *rekorScene) { g.pemHead = []byte(pick(g.r, "\n", "comment\n")) }},
	{"policy's key PKCS#1", func(g *rekorScene) {
		g.sig.signer = keyNamed("rsa2048-a")
		g.sig.raw = nil
		g.pemRSA = true
		if chance(g.r, 50) {
			g.entry.keyPEM = pemText("RSA PUBLIC KEY", g.sig.signer.pkcs1())
		}
	}},
}

func rekorCase(s *scene) {
	g := &rekorScene{scene: s, sig: s.sigstore(keyNamed(pick(s.r, "p256-a", "p256-a", "p384-a")), taggedName)}
	g.entry = newRekorEntry(keyNamed("p256-rekor"))
	g.sig.rekor = g.entry
	g.logs = func() (string, *node) {
		if chance(s.r, 50) {
			return "rekorPublicKeyPath", g.keyFile(".pub", keyNamed("p256-rekor").publicPEM())
		}
		return "rekorPublicKeyData", b64(keyNamed("p256-rekor").publicPEM())
	}
	changes(s, g, rekorChanges)
	keyText := g.sig.signer.publicPEM()
	if g.pemRSA {
		keyText = pemText("RSA PUBLIC KEY", g.sig.signer.pkcs1())
	}
	keyText = append(append(bytes.Clone(g.pemHead), keyText...), g.pemTail...)
	field, keys := g.logs()
	requirement := obj("type", str("sigstoreSigned"), "keyData", b64(keyText), field, keys)
	if chance(s.r, 5) {
		second := pick(s.r, member{"rekorPublicKeyPath", "", str("")}, member{"rekorPublicKeyData", "", lit("null")}, member{"rekorPublicKeyData", "", b64(keyNamed("p256-rekor").publicPEM())}, member{"rekorPublicKeyPaths", "", lit("null")})
		if requirement.get(second.key) == nil {
			requirement.add(second.key, second.value)
			s.note("and %s: %s", second.key, shorten(string(second.value.encode())))
		}
	}
	s.policy = rejecting(host, requirement)
	s.signatures = [][]byte{g.sig.blob()}
}
