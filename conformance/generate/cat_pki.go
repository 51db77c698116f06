package main

import (
	"bytes"
	"crypto"
	"encoding/pem"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"time"
)

const (
	signerEmail = "signer@corp.example.com"
	signerHost  = "builder.corp.example.com"
	oidcIssuer  = "https://oauth.example.com/auth"
)

// chain is a chain of certificates while it is being made, and how policy and signature name its parts.
type chain struct {
	*scene
	fulcio        bool
	root          *certificate
	intermediates []*certificate // from the one under the root to the leaf's issuer
	leaf          *certificate
	san           [][]byte
	email, host   string // of the policy; "" for absent
	issuer        string
	entry         *rekorEntry
	sig           *sigstoreSignature

	rootsPEM, leafPEM, chainPEM, trustedPEM func([]byte) []byte
	order                                   func([]*certificate) []*certificate
	extraRoots, extraChain                  []*certificate
	rootsOnly                               []*certificate // instead of the root
	dropRootOfChain                         bool
	noChain                                 bool
	intermediatesInPolicy                   bool
	ca                                      func(*node)
}

func newChain(s *scene, fulcio bool) *chain {
	c := &chain{scene: s, fulcio: fulcio, email: signerEmail, host: signerHost, issuer: oidcIssuer}
	r := s.r
	caKey := func(n string) *key {
		return keyNamed(pick(r, "p256-ca"+n, "p256-ca"+n, "p384-ca"+n, "rsa2048-ca"+n, "ed25519-ca"+n, "p521-ca"+n))
	}
	rootKey := caKey("0")
	c.root = newCA("Root", rootKey, nil, rootKey)
	above := c.root
	for i := range pick(r, 0, 1, 1, 1, 2) {
		name := fmt.Sprintf("Intermediate %d", i+1)
		ca := newCA(name, caKey(fmt.Sprint(i+1)), above.subject, above.key)
		if chance(r, 50) {
			ca.put(extension{id: oidExtKeyUsage, value: seq(oid(oidCodeSigning))})
		}
		c.intermediates = append(c.intermediates, ca)
		above = ca
	}
	c.leaf = newLeaf("Leaf", keyNamed(pick(r, "p256-leaf", "p256-leaf", "p384-leaf", "rsa2048-leaf", "ed25519-leaf")), above.subject, above.key)
	c.san = [][]byte{sanEmail(signerEmail)}
	if !fulcio {
		c.san = append(c.san, sanDNS(signerHost))
	} else {
		c.leaf.notBefore, c.leaf.notAfter = derTime(time.Unix(loggedAt-300, 0)), derTime(time.Unix(loggedAt+300, 0))
		switch r.IntN(3) {
		case 0:
			c.leaf.put(extension{id: oidFulcioIssuerV1, value: []byte(oidcIssuer)})
		case 1:
			c.leaf.put(extension{id: oidFulcioIssuerV2, value: utf8String(oidcIssuer)})
		default:
			c.leaf.put(extension{id: oidFulcioIssuerV1, value: []byte(oidcIssuer)})
			c.leaf.put(extension{id: oidFulcioIssuerV2, value: utf8String(oidcIssuer)})
		}
		c.leaf.subject = seq()
		c.entry = newRekorEntry(keyNamed("p256-rekor"))
	}
	c.sig = s.sigstore(c.leaf.key, taggedName)
	c.intermediatesInPolicy = !fulcio && chance(r, 25)
	return c
}

// anyCA is an intermediate or the root.
func (c *chain) anyCA() *certificate {
	if n := len(c.intermediates); n > 0 && chance(c.r, 70) {
		return c.intermediates[c.r.IntN(n)]
	}
	return c.root
}

func (c *chain) any() *certificate {
	if chance(c.r, 40) {
		return c.leaf
	}
	return c.anyCA()
}

// lowest is the certificate that issued the leaf.
func (c *chain) lowest() *certificate {
	if n := len(c.intermediates); n > 0 {
		return c.intermediates[n-1]
	}
	return c.root
}

// rename gives a certificate another name and key consistently: those under it are issued by it.
func (c *chain) relink() {
	above := c.root
	c.root.signer, c.root.issuer = c.root.key, c.root.subject
	for _, ca := range append(c.intermediates, c.leaf) {
		ca.issuer, ca.signer = above.subject, above.key
		above = ca
	}
}

func (c *chain) finish() {
	if c.leaf.find(oidSAN) == nil && c.san != nil {
		c.leaf.put(extension{id: oidSAN, critical: c.fulcio, value: seq(c.san...)})
	}
	same := func(b []byte) []byte { return b }
	for _, f := range []*func([]byte) []byte{&c.rootsPEM, &c.leafPEM, &c.chainPEM, &c.trustedPEM} {
		if *f == nil {
			*f = same
		}
	}
	roots := []*certificate{c.root}
	if c.rootsOnly != nil {
		roots = c.rootsOnly
	}
	var rootsPEM []byte
	for _, ca := range append(roots, c.extraRoots...) {
		rootsPEM = append(rootsPEM, ca.pem()...)
	}
	rootsPEM = c.rootsPEM(rootsPEM)
	var sent []*certificate
	for i := len(c.intermediates) - 1; i >= 0; i-- {
		sent = append(sent, c.intermediates[i])
	}
	sent = append(sent, c.extraChain...)
	trusted := []byte(nil)
	if c.intermediatesInPolicy {
		for _, ca := range sent {
			trusted = append(trusted, ca.pem()...)
		}
		if trusted == nil {
			trusted = c.root.pem()
		}
		trusted = c.trustedPEM(trusted)
		sent = nil
	}
	if !c.dropRootOfChain {
		sent = append(sent, c.root)
	}
	if c.order != nil {
		sent = c.order(sent)
	}
	if !c.noChain && !(c.intermediatesInPolicy && chance(c.r, 50)) {
		var text []byte
		for _, ca := range sent {
			text = append(text, ca.pem()...)
		}
		c.sig.chain = c.chainPEM(text)
	}
	c.sig.certificate = c.leafPEM(c.leaf.pem())
	c.sig.rekor = c.entry

	requirement := obj("type", str("sigstoreSigned"))
	ca := obj()
	c.put(ca, "caRoots", "ca", rootsPEM)
	if c.fulcio {
		ca.add("oidcIssuer", str(c.issuer)).add("subjectEmail", str(c.email))
		requirement.add("fulcio", ca)
		log := keyNamed("p256-rekor").publicPEM()
		if chance(c.r, 50) {
			requirement.add("rekorPublicKeyPath", c.keyFile(".pub", log))
		} else {
			requirement.add("rekorPublicKeyData", b64(log))
		}
	} else {
		if trusted != nil {
			c.put(ca, "caIntermediates", "", trusted)
		}
		if c.email != "" {
			ca.add("subjectEmail", str(c.email))
		}
		if c.host != "" {
			ca.add("subjectHostname", str(c.host))
		}
		requirement.add("pki", ca)
	}
	if c.ca != nil {
		c.ca(ca)
	}
	requirement.add("signedIdentity", obj("type", str("matchRepository")))
	c.policy = rejecting(host, requirement)
	c.signatures = [][]byte{c.sig.blob()}
}

func (c *chain) put(ca *node, pkiName, fulcioName string, text []byte) {
	name := pkiName
	if c.fulcio {
		name = fulcioName
	}
	if chance(c.r, 60) {
		ca.add(name+"Path", c.keyFile(".pem", text))
	} else {
		ca.add(name+"Data", b64(text))
	}
}

// editAny changes an element of a certificate and signs the result: only parsing can tell.
func (c *chain) editAny() {
	x := c.any()
	seed := c.r.Uint64()
	x.edit = func(b []byte) []byte {
		b, what := mutateDER(rand.New(rand.NewPCG(seed, 0)), b)
		c.note("%s", what)
		return b
	}
}

func criticalUnknown(id string) extension { return extension{id: id, critical: true, value: derNull} }

// chainChanges are those that make sense for fulcio and for pki.
var chainChanges = []change[*chain]{
	// Order, presence and candidates
	{"chain reversed", func(c *chain) {
		c.order = func(all []*certificate) []*certificate {
			var turned []*certificate
			for i := len(all) - 1; i >= 0; i-- {
				turned = append(turned, all[i])
			}
			return turned
		}
	}},
	{"chain shuffled", func(c *chain) {
		c.order = func(all []*certificate) []*certificate {
			c.r.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
			return all
		}
	}},
	{"chain without root", func(c *chain) { c.dropRootOfChain = true }},
	{"no chain", func(c *chain) { c.noChain = true }},
	{"chain empty", func(c *chain) { c.chainPEM = func([]byte) []byte { return []byte{} } }},
	{"chain blank", func(c *chain) {
		c.chainPEM = func([]byte) []byte { return []byte(pick(c.r, " ", "\n", "\n\n\t", "x")) }
	}},
	{"intermediate missing", func(c *chain) {
		if n := len(c.intermediates); n > 0 {
			c.order = func(all []*certificate) []*certificate { return all[min(1, len(all)):] }
		}
	}},
	{"intermediates twice", func(c *chain) { c.extraChain = append(c.extraChain, c.intermediates...) }},
	{"leaf in chain", func(c *chain) { c.extraChain = append(c.extraChain, c.leaf) }},
	{"unrelated certificate in chain", func(c *chain) {
		k := keyNamed("p256-unrelated")
		c.extraChain = append(c.extraChain, newCA("Unrelated", k, nil, k))
	}},
	{"unparsable certificate in chain", func(c *chain) {
		c.chainPEM = func(b []byte) []byte { return append(pemText("CERTIFICATE", []byte{0x30, 0x03, 2, 1, 1}), b...) }
	}},
	{"other key of the same name first", func(c *chain) {
		k := keyNamed("p256-impostor")
		low := c.lowest()
		twin := newCA("x", k, low.issuer, low.signer)
		twin.subject = low.subject
		c.order = func(all []*certificate) []*certificate { return append([]*certificate{twin}, all...) }
	}},
	{"expired twin of the issuer first", func(c *chain) {
		twin := *c.lowest()
		twin.notAfter = derTime(date(2024, 1, 2))
		c.order = func(all []*certificate) []*certificate { return append([]*certificate{&twin}, all...) }
	}},
	{"cross-signed issuer", func(c *chain) { // the same name and key, also issued by a root that is not trusted
		k := keyNamed("p256-crossroot")
		other := newCA("Cross Root", k, nil, k)
		twin := *c.lowest()
		twin.issuer, twin.signer = other.subject, other.key
		c.order = func(all []*certificate) []*certificate { return append([]*certificate{&twin, other}, all...) }
	}},
	{"cross-signed loop", func(c *chain) {
		if len(c.intermediates) < 2 {
			return
		}
		twin := *c.intermediates[0]
		twin.issuer, twin.signer = c.intermediates[1].subject, c.intermediates[1].key
		c.order = func(all []*certificate) []*certificate { return append([]*certificate{&twin}, all...) }
	}},
	{"only the cross-signed path", func(c *chain) {
		k := keyNamed("p256-crossroot")
		other := newCA("Cross Root", k, nil, k)
		twin := *c.root
		twin.issuer, twin.signer = other.subject, other.key
		c.rootsOnly = []*certificate{other}
		c.order = func(all []*certificate) []*certificate { return append([]*certificate{&twin}, all...) }
	}},
	// Trust roots
	{"other root trusted", func(c *chain) {
		k := keyNamed("p256-otherroot")
		c.rootsOnly = []*certificate{newCA(pick(c.r, "Root", "Other Root"), k, nil, k)}
	}},
	{"further root trusted", func(c *chain) {
		k := keyNamed("p256-otherroot")
		c.extraRoots = []*certificate{newCA(pick(c.r, "Root", "Other Root"), k, nil, k)}
	}},
	{"intermediate is the root", func(c *chain) { c.rootsOnly = []*certificate{c.lowest()} }},
	{"leaf is the root", func(c *chain) { c.rootsOnly = []*certificate{c.leaf} }},
	{"root twice", func(c *chain) { c.extraRoots = []*certificate{c.root} }},
	{"text around the roots", func(c *chain) {
		c.rootsPEM = func(b []byte) []byte {
			return append(append([]byte("A comment\n"), b...), pick(c.r, "the end\n", "", "-----BEGIN CERTIFICATE-----\nx")...)
		}
	}},
	{"other blocks in the roots", func(c *chain) {
		c.rootsPEM = func(b []byte) []byte {
			return append(append([]byte(nil), pick(c.r, pemText("PUBLIC KEY", c.root.key.spki()), pemText("CERTIFICATE", []byte{0x30, 0}),
				pemText("TRUSTED CERTIFICATE", []byte{0x30, 0}))...), b...)
		}
	}},
	{"roots with headers", func(c *chain) {
		c.rootsPEM = func(b []byte) []byte {
			block, _ := pem.Decode(b)
			block.Headers = map[string]string{"Subject": "Root"}
			return append(pem.EncodeToMemory(block), pick(c.r, nil, b)...)
		}
	}},
	{"roots of another PEM type", func(c *chain) {
		c.rootsPEM = func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte("CERTIFICATE"), []byte(pick(c.r, "X509 CERTIFICATE", "TRUSTED CERTIFICATE", "certificate")))
		}
	}},
	{"roots empty", func(c *chain) { c.rootsPEM = func([]byte) []byte { return []byte(pick(c.r, "", "\n", "garbage")) } }},
	{"roots in DER", func(c *chain) { c.rootsPEM = func([]byte) []byte { return c.root.der() } }},
	{"roots with CRLF", func(c *chain) {
		c.rootsPEM = func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) }
	}},
	{"trailing text in the chain", func(c *chain) {
		c.chainPEM = func(b []byte) []byte { return append(b, pick(c.r, "x", "\n", " \n\t", "comment\n", "\x00")...) }
	}},
	{"text before the chain", func(c *chain) {
		c.chainPEM = func(b []byte) []byte { return append([]byte(pick(c.r, "comment\n", "\n", "x")), b...) }
	}},
	{"PEM type in the chain", func(c *chain) {
		c.chainPEM = func(b []byte) []byte {
			return bytes.Replace(bytes.Replace(b, []byte("BEGIN CERTIFICATE"), []byte("BEGIN X"), 1), []byte("END CERTIFICATE"), []byte("END X"), 1)
		}
	}},
	{"PEM type of the leaf", func(c *chain) {
		c.leafPEM = func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("CERTIFICATE"), []byte("PUBLIC KEY")) }
	}},
	{"text around the leaf", func(c *chain) {
		c.leafPEM = func(b []byte) []byte {
			if chance(c.r, 50) {
				return append(b, pick(c.r, "\n", "x", " ", "\r\n")...)
			}
			return append([]byte(pick(c.r, "comment\n", "\n", "x", "\xef\xbb\xbf")), b...)
		}
	}},
	{"two leaves", func(c *chain) { c.leafPEM = func(b []byte) []byte { return append(b, b...) } }},
	{"leaf missing", func(c *chain) { c.leafPEM = func([]byte) []byte { return pick(c.r, nil, []byte{}, []byte("x")) } }},
	{"leaf cut", func(c *chain) { c.leafPEM = func(b []byte) []byte { return b[:len(b)-c.r.IntN(40)] } }},
	{"leaf with headers", func(c *chain) {
		c.leafPEM = func(b []byte) []byte {
			block, _ := pem.Decode(b)
			block.Headers = map[string]string{"A": "b"}
			return pem.EncodeToMemory(block)
		}
	}},
	{"leaf on one line", func(c *chain) {
		c.leafPEM = func(b []byte) []byte {
			block, _ := pem.Decode(b)
			text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: block.Bytes}))
			lines := strings.Split(text, "\n")
			return []byte(lines[0] + "\n" + strings.Join(lines[1:len(lines)-2], "") + "\n" + lines[len(lines)-2] + "\n")
		}
	}},
	// Validity
	{"expired", func(c *chain) { c.any().notAfter = derTime(date(2024, 1, 20)) }},
	{"not yet valid", func(c *chain) { c.any().notBefore = derTime(date(2060, 1, 1)) }},
	{"valid until 2050, UTCTime", func(c *chain) {
		c.any().notAfter = tlv(0x17, []byte(pick(c.r, "491231235959Z", "500101000000Z")))
		c.volatile = true
	}},
	{"GeneralizedTime before 2050", func(c *chain) {
		if chance(c.r, 50) {
			c.any().notBefore = tlv(0x18, []byte("20240101000000Z"))
		} else {
			c.anyCA().notAfter = tlv(0x18, []byte("20480101000000Z"))
			c.volatile = true
		}
	}},
	{"odd time", func(c *chain) {
		odd := pick(c.r, "2401010000Z", "240101000000+0000", "240101000000", "241301000000Z", "240230000000Z", "240101240000Z", "240101000060Z",
			"24010100000Z", "240101000000z", " 40101000000Z", "240101000000+0100", "2401010000+0000", "240001000000Z")
		c.any().notBefore = tlv(0x17, []byte(odd))
		c.note("%s", odd)
	}},
	{"odd generalized time", func(c *chain) {
		odd := pick(c.r, "20730101000000", "207301010000Z", "20730101000000.5Z", "20730101000000+0000", "99991231235959Z", "20730101000000,5Z", "20730132000000Z", "00000101000000Z", "20730101000000-0100")
		c.anyCA().notAfter = tlv(0x18, []byte(odd))
		c.note("%s", odd)
	}},
	{"ends before it begins", func(c *chain) { x := c.any(); x.notBefore, x.notAfter = x.notAfter, x.notBefore }},
	// Basic constraints and path length
	{"no CA flag", func(c *chain) {
		c.anyCA().put(extension{id: oidBasicConstraints, critical: true, value: seq()})
	}},
	{"no basic constraints", func(c *chain) { c.anyCA().drop(oidBasicConstraints) }},
	{"basic constraints not critical", func(c *chain) { c.anyCA().find(oidBasicConstraints).critical = false }},
	{"path length", func(c *chain) {
		n := int64(c.r.IntN(3))
		c.anyCA().put(extension{id: oidBasicConstraints, critical: true, value: seq(derTrue, small(n))})
		c.note("%d", n)
	}},
	{"path length too small", func(c *chain) {
		c.root.put(extension{id: oidBasicConstraints, critical: true, value: seq(derTrue, small(int64(max(0, len(c.intermediates)-1))))})
	}},
	{"odd basic constraints", func(c *chain) {
		value := pick(c.r, seq(derTrue, small(-1)), seq([]byte{1, 1, 1}), seq(derTrue, derNull), seq(small(0)), append(seq(derTrue), 0), seq(derTrue, small(1<<40)),
			seq([]byte{1, 1, 0}), derNull, seq([]byte{1, 1, 0}, small(3)), seq(derTrue, []byte{2, 2, 0, 1}), []byte{}, seq(derTrue, small(0), small(0)))
		c.any().put(extension{id: oidBasicConstraints, critical: true, value: value})
		c.note("%x", value)
	}},
	{"leaf is a CA", func(c *chain) {
		c.leaf.put(extension{id: oidBasicConstraints, critical: chance(c.r, 50), value: seq(derTrue)})
	}},
	// Key usage and extended key usage
	{"key usage", func(c *chain) {
		value := pick(c.r, []byte{7, 0x80}, []byte{2, 0x04}, []byte{0}, []byte{1, 0x06}, []byte{7, 0x00, 0x80}, []byte{0, 0xff}, []byte{8, 0x80}, []byte{1, 0x07}, []byte{}, []byte{3, 0x08})
		c.any().put(extension{id: oidKeyUsage, critical: chance(c.r, 50), value: tlv(0x03, value)})
		c.note("%x", value)
	}},
	{"no key usage", func(c *chain) { c.any().drop(oidKeyUsage) }},
	{"extended key usage", func(c *chain) {
		usages := pick(c.r, seq(oid(oidServerAuth)), seq(oid(oidAnyUsage)), seq(oid(oidServerAuth), oid(oidCodeSigning)), seq(oid(oidEmailProtection)),
			seq(oid("1.2.3.4")), seq(), seq(oid("1.2.3.4"), oid(oidAnyUsage)), append(seq(oid(oidCodeSigning)), 0), seq(utf8String("x")), seq(oid("1.3.6.1.4.1.311.10.3.3")))
		c.any().put(extension{id: oidExtKeyUsage, critical: chance(c.r, 40), value: usages})
		c.note("%x", usages)
	}},
	{"leaf without extended key usage", func(c *chain) { c.leaf.drop(oidExtKeyUsage) }},
	{"CA with extended key usage", func(c *chain) {
		c.anyCA().put(extension{id: oidExtKeyUsage, critical: chance(c.r, 40), value: seq(oid(pick(c.r, oidServerAuth, oidCodeSigning, oidAnyUsage, "1.2.3.4")))})
	}},
	// Extensions
	{"critical unknown extension", func(c *chain) {
		c.any().put(criticalUnknown(pick(c.r, "1.2.3.4.5", "2.5.29.54", "2.5.29.36", "2.5.29.32", "2.5.29.9", "1.3.6.1.5.5.7.1.1", "2.5.29.18")))
	}},
	{"unknown extension", func(c *chain) { c.any().put(extension{id: "1.2.3.4.5", value: []byte("anything")}) }},
	{"extension twice", func(c *chain) {
		x := c.any()
		x.extensions = append(x.extensions, x.extensions[c.r.IntN(len(x.extensions))])
	}},
	{"odd criticality", func(c *chain) {
		x := c.any()
		e := &x.extensions[c.r.IntN(len(x.extensions))]
		flag := pick(c.r, []byte{1, 1, 0}, []byte{1, 1, 1}, []byte{1, 0}, []byte{1, 2, 0xff, 0xff}, derNull)
		e.raw = seq(oid(e.id), flag, octets(e.value))
		c.note("%s %x", e.id, flag)
	}},
	{"trailing data in an extension", func(c *chain) {
		x := c.any()
		e := &x.extensions[c.r.IntN(len(x.extensions))]
		if chance(c.r, 50) {
			e.value = append(bytes.Clone(e.value), 0)
		} else {
			e.raw = seq(oid(e.id), octets(e.value), derNull)
		}
		c.note("%s", e.id)
	}},
	{"known extension with an odd value", func(c *chain) {
		id := pick(c.r, oidSubjectKeyID, oidAuthorityKeyID, "2.5.29.32", "1.3.6.1.5.5.7.1.1", "2.5.29.31", "2.5.29.36", "2.5.29.33", "2.5.29.54", "2.5.29.18")
		value := pick(c.r, []byte{}, derNull, seq(), octets([]byte("x")), []byte("garbage"), seq(seq(oid("1.2.3"))), seq(seq(oid("1.2.3")), seq(oid("1.2.3"))), small(0), small(-1), seq(small(1)), seq(tlv(0x80, []byte("id"))))
		c.any().put(extension{id: id, critical: chance(c.r, 20), value: value})
		c.note("%s %x", id, value)
	}},
	{"empty extensions", func(c *chain) { x := c.any(); x.extensions = []extension{} }},
	{"no extensions", func(c *chain) { x := c.any(); x.extensions = nil }},
	{"key identifiers wrong", func(c *chain) {
		c.any().put(extension{id: oidAuthorityKeyID, value: seq(tlv(0x80, []byte("no such key")))})
	}},
	{"key identifiers missing", func(c *chain) { x := c.any(); x.drop(oidAuthorityKeyID); x.drop(oidSubjectKeyID) }},
	{"key identifier critical", func(c *chain) { c.any().find(oidAuthorityKeyID).critical = true }},
	// Names
	{"name spelled otherwise", func(c *chain) {
		c.leaf.issuer = seq(set(seq(oid("2.5.4.10"), printable("Conformance"))), set(seq(oid("2.5.4.3"), printable("Root"))))
	}},
	{"issuer name empty", func(c *chain) { c.leaf.issuer = seq() }},
	{"empty name of a CA", func(c *chain) { c.anyCA().subject = seq(); c.relink() }},
	{"odd name", func(c *chain) {
		value := pick(c.r, tlv(0x14, []byte("T61")), tlv(0x1e, []byte{0, 'x'}), tlv(0x1e, []byte{0}), tlv(0x1c, []byte{0, 0, 0, 'x'}), utf8String("\xff"), printable("a_b"), printable("a*b&"),
			ia5("\xe9"), tlv(0x12, []byte("12 3")), tlv(0x12, []byte("x")), small(5), tlv(0x1b, []byte("general")), utf8String(""), tlv(0x1e, []byte{0xd8, 0}), tlv(0x17, []byte("x")))
		x := c.any()
		x.subject = seq(set(seq(oid("2.5.4.3"), value)))
		c.relink()
		c.note("%x", value)
	}},
	{"odd name structure", func(c *chain) {
		value := pick(c.r, seq(set()), seq(seq(oid("2.5.4.3"), utf8String("x"))), seq(set(seq(oid("2.5.4.3")))), set(), seq(set(seq(oid("2.5.4.3"), utf8String("x"), derNull))),
			seq(set(seq(oid("2.5.4.3"), utf8String("a")), seq(oid("2.5.4.3"), utf8String("b")))))
		x := c.any()
		x.subject = value
		c.relink()
		c.note("%x", value)
	}},
	// Serial, version, algorithm
	{"serial", func(c *chain) {
		serial := pick(c.r, small(0), small(-1), []byte{2, 2, 0, 1}, integer(new(big.Int).Lsh(big.NewInt(1), 200)), []byte{2, 0}, small(127), []byte{2, 2, 0xff, 0xff}, integer(new(big.Int).Lsh(big.NewInt(1), 158)))
		c.any().serial = serial
		c.note("%x", serial)
	}},
	{"version", func(c *chain) {
		version := pick(c.r, nil, explicit(0, small(1)), explicit(0, small(0)), explicit(0, small(3)), explicit(0, small(-1)), explicit(0, derNull), append(explicit(0, small(2)), 0))
		x := c.any()
		x.version = version
		if chance(c.r, 30) {
			x.extensions = nil
		}
		c.note("%x", version)
	}},
	{"unique identifiers", func(c *chain) {
		c.any().uniqueIDs = pick(c.r, tlv(0x81, []byte{0, 1}), append(tlv(0x81, []byte{0, 1}), tlv(0x82, []byte{0, 1})...), tlv(0x82, []byte{0, 1}), tlv(0x81, []byte{}))
	}},
	{"hash of the signature", func(c *chain) {
		x := c.any()
		if x.signer.ed == nil {
			x.hash = pick(c.r, crypto.SHA384, crypto.SHA512, crypto.SHA1, crypto.SHA224)
			if x.signer.rsa != nil && chance(c.r, 30) {
				x.hash = crypto.MD5
			}
			c.note("%s", x.hash)
		}
	}},
	{"RSA-PSS", func(c *chain) {
		x := c.lowest()
		x.key = keyNamed("rsa2048-pss")
		c.relink()
		c.leaf.pss, c.leaf.hash = true, pick(c.r, crypto.SHA256, crypto.SHA384, crypto.SHA512)
		if chance(c.r, 40) {
			c.leaf.algorithm = pick(c.r, pssAlgorithm(crypto.SHA256, 20, true), pssAlgorithm(crypto.SHA256, 32, false), seq(oid("1.2.840.113549.1.1.10"), derNull),
				seq(oid("1.2.840.113549.1.1.10")), pssAlgorithm(crypto.SHA384, 32, true), seq(oid("1.2.840.113549.1.1.10"), seq()))
		}
	}},
	{"algorithms differ", func(c *chain) { c.any().inner = seq(oid("1.2.840.10045.4.3.3")) }},
	{"algorithm parameters", func(c *chain) {
		x := c.any()
		switch {
		case x.signer.rsa != nil:
			x.algorithm = pick(c.r, seq(oid(signatureOIDs["rsa"][x.hash])), seq(oid(signatureOIDs["rsa"][x.hash]), seq()))
		case x.signer.ec != nil:
			x.algorithm = seq(oid(signatureOIDs["ecdsa"][x.hash]), derNull)
		default:
			x.algorithm = seq(oid("1.3.101.112"), derNull)
		}
		if chance(c.r, 40) {
			x.inner = signatureAlgorithm(x.signer, x.hash, false)
		}
	}},
	{"unknown signature algorithm", func(c *chain) {
		c.any().algorithm = seq(oid(pick(c.r, "1.2.3.4", "1.3.101.113", "1.2.840.113549.1.1.2")))
	}},
	{"wrong signer", func(c *chain) { c.any().signer = keyNamed("p256-wrong") }},
	{"signature changed", func(c *chain) {
		c.any().signature = func(b []byte) []byte { b = bytes.Clone(b); b[c.r.IntN(len(b))] ^= 1; return b }
	}},
	{"signature bits unaligned", func(c *chain) {
		c.any().finished = func(der []byte) []byte { return der }
		x := c.any()
		x.signature = func(b []byte) []byte { return append(b, 0) }
	}},
	// Keys
	{"leaf key", func(c *chain) {
		name := pick(c.r, "p224-leaf", "p521-leaf", "rsa1024-leaf", "rsa4096-leaf", "rsa3072-leaf", "secp256k1-leaf", "bp256-leaf", "dsa2048-leaf")
		c.leaf.key = keyNamed(name)
		c.sig.signer = c.leaf.key
		c.note("%s", name)
	}},
	{"CA key", func(c *chain) {
		name := pick(c.r, "p224-ca", "p521-ca9", "rsa1024-ca", "rsa4096-ca", "rsa3072-ca", "secp256k1-ca", "bp256-ca", "dsa2048-ca")
		c.anyCA().key = keyNamed(name)
		c.relink()
		c.note("%s", name)
	}},
	{"odd public key", func(c *chain) {
		x := c.any()
		k := x.key
		switch {
		case k.ec != nil:
			x.spki = pick(c.r, seq(k.ecAlgorithm(), bits(k.ec.compressed())), seq(seq(oid("1.2.840.10045.2.1")), bits(k.ec.point())), seq(k.ecAlgorithm(), bits(append(k.ec.point(), 0))),
				seq(k.ecAlgorithm(), bits([]byte{0})), seq(seq(oid("1.2.840.10045.2.1"), oid(curveOIDs["P-224"])), bits(k.ec.point())), append(k.spki()[:len(k.spki()):len(k.spki())], 0))
		case k.rsa != nil:
			x.spki = pick(c.r, seq(seq(oid("1.2.840.113549.1.1.1")), bits(k.pkcs1())), seq(seq(oid("1.2.840.113549.1.1.10")), bits(k.pkcs1())), seq(rsaAlgorithm, bits(append(k.pkcs1(), 0))),
				seq(rsaAlgorithm, bits(seq(integer(k.rsa.N), small(1)))), seq(rsaAlgorithm, bits(seq(integer(k.rsa.N), small(1<<33)))), seq(rsaAlgorithm, bits(seq(small(-5), small(3)))))
		default:
			x.spki = pick(c.r, seq(seq(oid("1.3.101.112"), derNull), bits(k.ed[32:])), seq(seq(oid("1.3.101.112")), bits(k.ed[33:])), seq(seq(oid("1.3.101.110")), bits(k.ed[32:])))
		}
	}},
	// DER
	{"trailing data", func(c *chain) { c.any().finished = func(b []byte) []byte { return append(b, 0) } }},
	{"trailing data inside", func(c *chain) {
		if chance(c.r, 50) {
			c.any().tail = derNull
		} else {
			c.any().tbsTail = derNull
		}
	}},
	{"long length", func(c *chain) {
		x := c.any()
		switch c.r.IntN(4) {
		case 0:
			x.finished = func(b []byte) []byte { return longTLV(0x30, b[4:]) }
		case 1:
			x.serial = longTLV(0x02, []byte{5})
		case 2:
			x.subject = longTLV(0x30, x.subject[2:])
			c.relink()
		case 3:
			e := &x.extensions[c.r.IntN(len(x.extensions))]
			e.value = longTLV(e.value[0], e.value[2:])
		}
	}},
	{"structure of what is signed", func(c *chain) { c.editAny() }},
	{"structure of what is signed", func(c *chain) { c.editAny() }},
	{"structure of what is signed", func(c *chain) { c.editAny() }},
	{"structure of what is signed", func(c *chain) { c.editAny() }},
	{"indefinite length", func(c *chain) {
		c.any().finished = func(b []byte) []byte { return append(append([]byte{0x30, 0x80}, b[4:]...), 0, 0) }
	}},
	{"bit flip in a certificate", func(c *chain) {
		at, bit := c.r.IntN(1<<16), c.r.IntN(8)
		c.any().finished = func(b []byte) []byte { b = bytes.Clone(b); b[at%len(b)] ^= 1 << bit; return b }
	}},
	// Name constraints
	{"name constraints", func(c *chain) { constrain(c) }},
	{"name constraints ", func(c *chain) { constrain(c) }},
	{"name constraints  ", func(c *chain) { constrain(c); constrain(c) }},
	{"odd name constraints", func(c *chain) {
		value := pick(c.r, seq(), seq(tlv(0xa0)), []byte{}, derNull, append(seq(tlv(0xa0, seq(sanDNS("x")))), 0), seq(tlv(0xa0, seq(sanDNS("x"), tlv(0x80, []byte{0})))), seq(tlv(0xa0, seq(sanDNS("x"), tlv(0x81, []byte{1})))),
			seq(tlv(0xa0, sanDNS("x"))), seq(tlv(0xa0, seq())), seq(tlv(0xa2, seq(sanDNS("x")))), seq(tlv(0xa1, seq(sanEmail("x")), seq())))
		c.anyCA().put(extension{id: oidNameConstraints, critical: chance(c.r, 60), value: value})
		c.note("%x", value)
	}},
	{"name constraints in the leaf", func(c *chain) {
		c.leaf.put(extension{id: oidNameConstraints, critical: chance(c.r, 50), value: nameConstraints([][]byte{sanDNS("other.example")}, nil)})
	}},
	// Subject alternative names
	{"further names", func(c *chain) {
		extra := pick(c.r, sanURI("https://example.com/x"), sanIP(192, 0, 2, 7), sanOther("x"), sanDirectory(commonName("x")), sanRegistered("1.2.3"), sanEmail("other@example.org"), sanDNS("other.example.org"),
			sanURI("spiffe://a.example/b"), sanURI("not a uri\x01"), sanURI("https://[::1]/"), sanURI("//x"), sanIP(1, 2, 3), sanIP(make([]byte, 16)...), sanIP(), sanEmail("no at sign"), sanEmail(""), sanDNS(""), sanDNS("a..b"), sanDNS("*"), sanDNS("x y"),
			sanEmail("\xe9@example.com"), sanDNS("\xe9.example.com"), sanURI("\xe9"), tlv(0x83, []byte("x400")), sanURI("https://exa mple.com"), sanURI(""), sanURI("http://%41"), sanURI("http://a:b"), sanURI("urn:x:y"), sanDNS(".example.com"), sanDNS("trailing.example."),
			sanEmail("\"quoted @\"@example.com"), sanEmail("a@b@c"), sanEmail("a@.example.com"), sanDNS("xn--80ak6aa92e.example"))
		c.san = append(c.san, extra)
		c.note("%q", extra)
	}},
	{"names as a different structure", func(c *chain) {
		value := pick(c.r, seq(), []byte{}, derNull, append(seq(c.san...), 0), sanEmail(signerEmail), seq(utf8String(signerEmail)), seq(tlv(0x80, []byte("x"))))
		c.leaf.put(extension{id: oidSAN, critical: chance(c.r, 50), value: value})
		c.note("%x", value)
	}},
	{"criticality of the names", func(c *chain) {
		c.leaf.put(extension{id: oidSAN, critical: chance(c.r, 70), value: seq(c.san...)})
	}},
	{"only names Go does not handle, critical", func(c *chain) {
		c.leaf.put(extension{id: oidSAN, critical: true, value: seq(sanOther("x"))})
		if chance(c.r, 50) {
			c.leaf.put(extension{id: oidSAN, critical: true, value: seq(sanDirectory(commonName("x")))})
		}
	}},
	{"no names", func(c *chain) { c.san = nil }},
	{"email in the subject", func(c *chain) {
		c.san = c.san[1:]
		c.leaf.subject = seq(set(seq(oid("1.2.840.113549.1.9.1"), ia5(signerEmail))))
	}},
	{"email of the certificate", func(c *chain) {
		email := pick(c.r, "Signer@corp.example.com", "signer@CORP.example.com", "signer@corp.example.com ", "signer@corp.example.org", "x"+signerEmail, signerEmail+"\x00")
		c.san[0] = sanEmail(email)
		c.note("%q", email)
	}},
	{"several emails", func(c *chain) { c.san = append([][]byte{sanEmail("first@example.com")}, c.san...) }},
	{"email of the policy", func(c *chain) {
		c.email = pick(c.r, "Signer@corp.example.com", "signer@CORP.EXAMPLE.COM", "other@corp.example.com", " "+signerEmail, "*", "")
		c.note("%q", c.email)
	}},
	// The signature itself
	{"signed by another key", func(c *chain) { c.sig.signer = keyNamed("p256-wrong") }},
	{"signed by the CA", func(c *chain) { c.sig.signer = c.lowest().key }},
	{"signature for another digest", func(c *chain) { c.sig.tree = sigstorePayload(taggedName, "sha256:"+sha256Hex([]byte("x"))) }},
	{"signature for another name", func(c *chain) { c.sig.tree = sigstorePayload(host+"/other", c.digest()) }},
	{"policy member", func(c *chain) {
		c.ca = func(ca *node) {
			c.note("%s", c.json("caPath", "caData", "caRootsPath", "caRootsData", "caIntermediatesPath", "caIntermediatesData", "oidcIssuer", "subjectEmail", "subjectHostname").mutate(ca))
		}
	}},
}

// constrain adds name constraints to a CA, for names that the leaf has or has not.
func constrain(c *chain) {
	r := c.r
	kinds := [][][]byte{
		{sanEmail(signerEmail), sanEmail("corp.example.com"), sanEmail(".example.com"), sanEmail(".corp.example.com"), sanEmail("example.com"), sanEmail("other.org"), sanEmail("Corp.Example.com"), sanEmail("SIGNER@corp.example.com"), sanEmail(""), sanEmail("a b"), sanEmail("@corp.example.com"), sanEmail("signer@CORP.example.com"), sanEmail("."), sanEmail("\xff")},
		{sanDNS("corp.example.com"), sanDNS(".corp.example.com"), sanDNS("example.com"), sanDNS("com"), sanDNS("org"), sanDNS(""), sanDNS("Builder.corp.example.com"), sanDNS(signerHost), sanDNS("uilder.corp.example.com"), sanDNS("*.example.com"), sanDNS("x y"), sanDNS("corp.example.com."), sanDNS("..com"), sanDNS("\xff")},
		{sanIP(192, 0, 2, 0, 255, 255, 255, 0), sanIP(10, 0, 0, 0, 255, 0, 0, 0), sanIP(0, 0, 0, 0, 0, 0, 0, 0), sanIP(192, 0, 2, 0, 255, 0, 255, 0), sanIP(192, 0, 2, 7), sanIP(make([]byte, 32)...), sanIP(192, 0, 2, 7, 255, 255, 255, 255), sanIP()},
		{sanURI("example.com"), sanURI(".example.com"), sanURI("other.org"), sanURI("https://example.com"), sanURI("Example.com"), sanURI("192.0.2.7"), sanURI(""), sanURI("a.example"), sanURI("\xff"), sanURI("..")},
		{sanDirectory(commonName("x")), sanOther("x"), sanRegistered("1.2.3"), tlv(0x83, []byte("x"))},
	}
	kind := pick(r, kinds[0], kinds[0], kinds[1], kinds[1], kinds[2], kinds[3], kinds[4])
	one := kind[r.IntN(len(kind))]
	var permitted, excluded [][]byte
	if chance(r, 60) {
		permitted = [][]byte{one}
		if chance(r, 30) {
			permitted = append(permitted, kind[r.IntN(len(kind))])
		}
		if chance(r, 20) {
			excluded = [][]byte{kind[r.IntN(len(kind))]}
		}
	} else {
		excluded = [][]byte{one}
	}
	if chance(r, 40) {
		c.san = append(c.san, pick(r, sanURI("https://www.example.com/x"), sanIP(192, 0, 2, 7), sanURI("https://192.0.2.7/"), sanEmail("a@other.org"), sanDNS("x.other.org"), sanDNS("*.corp.example.com"), sanDNS("Builder.Corp.Example.Com"),
			sanEmail("\"a b\"@corp.example.com"), sanEmail("bad"), sanDNS("bad..name"), sanURI("mailto:x"), sanURI("https://EXAMPLE.com:8080/"), sanURI("https://[::1]:80"), sanIP(make([]byte, 16)...), sanEmail("a@CORP.example.com")))
	}
	target := c.anyCA()
	target.put(extension{id: oidNameConstraints, critical: chance(r, 60), value: nameConstraints(permitted, excluded)})
	c.note("permitted %q excluded %q", permitted, excluded)
}

var pkiChanges = []change[*chain]{
	{"host of the policy", func(c *chain) {
		c.host = pick(c.r, upper(signerHost), signerHost+".", "corp.example.com", "other.corp.example.com", "*.corp.example.com", " "+signerHost, signerHost+"..", "", "192.0.2.7", "[192.0.2.7]", "::ffff:192.0.2.7", "a.b.corp.example.com", "Leaf", "builder_x.corp.example.com", "builder.corp.example.com:443")
		c.note("%q", c.host)
	}},
	{"host of the certificate", func(c *chain) {
		name := pick(c.r, "*.corp.example.com", upper(signerHost), signerHost+".", "*.example.com", "b*.corp.example.com", "*", "*.com", "builder.*.example.com", "builder.corp.example.com:443", "bücher.example", "*.CORP.example.com", "", "builder..corp.example.com", "builder_x.corp.example.com")
		c.san[1] = sanDNS(name)
		if name == "builder_x.corp.example.com" {
			c.host = name
		}
		c.note("%q", name)
	}},
	{"wildcard and host", func(c *chain) {
		c.san[1] = sanDNS("*.corp.example.com")
		c.host = pick(c.r, "x.corp.example.com", "x.y.corp.example.com", "corp.example.com", "X.Corp.Example.com.", "*.corp.example.com", ".corp.example.com", "x_y.corp.example.com", "-.corp.example.com")
		c.note("%q", c.host)
	}},
	{"IP address", func(c *chain) {
		address := pick(c.r, "192.0.2.7", "2001:db8::1", "192.0.2.8")
		c.san = append(c.san, sanIP(ipBytes(address)...))
		if chance(c.r, 20) {
			c.san = append(c.san, sanIP(append(append(make([]byte, 10), 255, 255), 192, 0, 2, 7)...), sanDNS("192.0.2.9"))
		}
		c.host = pick(c.r, "192.0.2.7", "[192.0.2.7]", "2001:db8::1", "[2001:db8::1]", "2001:DB8:0::1", "::ffff:192.0.2.7", "192.0.2.07", "192.0.2.9", "[2001:db8::1%eth0]", "2001:db8::1%25", "192.0.2.7.", "0:0::ffff:192.0.2.7")
		c.note("%s / %s", address, c.host)
	}},
	{"host only", func(c *chain) { c.email = "" }},
	{"email only", func(c *chain) { c.host = "" }},
	{"neither", func(c *chain) { c.email, c.host = "", "" }},
	{"host in the common name", func(c *chain) { c.san = c.san[:1]; c.leaf.subject = commonName(signerHost) }},
	{"intermediates in the policy", func(c *chain) { c.intermediatesInPolicy = true }},
	{"text around trusted intermediates", func(c *chain) {
		c.intermediatesInPolicy = true
		c.trustedPEM = func(b []byte) []byte { return append(b, pick(c.r, "x", "\n", " ", "-----BEGIN X-----")...) }
	}},
	{"trusted intermediates odd", func(c *chain) {
		c.intermediatesInPolicy = true
		c.trustedPEM = func(b []byte) []byte {
			return pick(c.r, []byte{}, []byte("\n"), []byte("x"), append(b, pemText("CERTIFICATE", []byte{0x30, 0})...), append([]byte("x\n"), b...), pemText("X", c.lowest().der()))
		}
	}},
	{"Rekor key beside pki", func(c *chain) {
		c.afterPolicy("rekorPublicKeyPath", pick(c.r, c.keyFile(".pub", keyNamed("p256-rekor").publicPEM()), str(""), lit("null")))
	}},
	{"Rekor data beside pki", func(c *chain) {
		c.afterPolicy(pick(c.r, "rekorPublicKeyData", "rekorPublicKeyDatas", "rekorPublicKeyPaths"), pick(c.r, b64(keyNamed("p256-rekor").publicPEM()), str(""), lit("null"), list(), list(b64([]byte("x")))))
	}},
}

var fulcioChanges = []change[*chain]{
	{"logged late", func(c *chain) {
		c.entry.integratedTime = number(loggedAt + int64(pick(c.r, 299, 300, 301, 100000, 1<<33)))
	}},
	{"logged early", func(c *chain) {
		c.entry.integratedTime = number(loggedAt - int64(pick(c.r, 299, 300, 301, 100000, loggedAt)))
	}},
	{"logged at Go's zero time", func(c *chain) {
		c.entry.integratedTime = lit("-62135596800")
		if chance(c.r, 60) {
			c.leaf.notAfter = derTime(date(2073, 1, 1))
		}
	}},
	{"logged at an odd time", func(c *chain) {
		spelling := pick(c.r, "1706789060.0", "1.70678906e9", "1706789060.5", "-1", "9007199254740993", "1e20", "1e21", "null", `"1706789060"`, "9223372036854775807", "17067890600e-1", "253402300800")
		c.entry.integratedTime = lit(spelling)
		c.note("%s", spelling)
	}},
	{"issuer v1", func(c *chain) {
		value := pick(c.r, "https://other.example.com", oidcIssuer+"/", "", oidcIssuer, "\xff")
		c.leaf.put(extension{id: oidFulcioIssuerV1, value: []byte(value)})
		c.note("%q", value)
	}},
	{"issuer v2", func(c *chain) {
		value := pick(c.r, utf8String("https://other.example.com"), printable(oidcIssuer), ia5(oidcIssuer), tlv(0x14, []byte(oidcIssuer)), tlv(0x1e, []byte{0, 'x'}), octets([]byte(oidcIssuer)), []byte(oidcIssuer), append(utf8String(oidcIssuer), 0), longTLV(0x0c, []byte(oidcIssuer)),
			tlv(0x12, []byte("1")), tlv(0x1b, []byte(oidcIssuer)), utf8String("\xff"), []byte{}, utf8String(""), tlv(0x2c, []byte(oidcIssuer)), tlv(0x8c, []byte(oidcIssuer)), derNull, printable("a_b@c"), small(1))
		c.leaf.put(extension{id: oidFulcioIssuerV2, critical: chance(c.r, 10), value: value})
		if chance(c.r, 30) {
			c.leaf.drop(oidFulcioIssuerV1)
		}
		c.note("%x", value)
	}},
	{"no issuer", func(c *chain) { c.leaf.drop(oidFulcioIssuerV1); c.leaf.drop(oidFulcioIssuerV2) }},
	{"issuer of the policy", func(c *chain) {
		c.issuer = pick(c.r, oidcIssuer+"/", upper(oidcIssuer), "https://other.example.com", "")
		c.note("%q", c.issuer)
	}},
	{"no entry", func(c *chain) { c.entry = nil }},
	{"entry of another log", func(c *chain) { c.entry.log = keyNamed("p256-otherlog") }},
	{"entry with the key instead of the certificate", func(c *chain) { c.entry.keyPEM = c.leaf.key.publicPEM() }},
	{"entry with another certificate", func(c *chain) { c.entry.keyPEM = c.root.pem() }},
	{"entry with text around the certificate", func(c *chain) {
		c.entry.keyPEM = append([]byte(pick(c.r, "", "x\n")), append(c.leaf.pem(), pick(c.r, "", "\n", "x")...)...)
	}},
	{"no Rekor key", func(c *chain) { c.afterPolicy("rekorPublicKeyPath", nil) }},
	{"keyPath beside fulcio", func(c *chain) {
		c.afterPolicy(pick(c.r, "keyPath", "keyData", "pki"), pick(c.r, str(""), lit("null"), b64(c.leaf.key.publicPEM()), c.keyFile(".pub", c.leaf.key.publicPEM()), obj()))
	}},
	{"names not critical", func(c *chain) { c.leaf.put(extension{id: oidSAN, value: seq(c.san...)}) }},
	{"URI name", func(c *chain) { c.san = [][]byte{sanURI("https://github.com/x/y")} }},
	{"CA expired when logged, valid now", func(c *chain) { c.anyCA().notBefore = derTime(date(2024, 3, 1)) }},
	{"CA expired since", func(c *chain) { c.anyCA().notAfter = derTime(date(2025, 1, 1)) }},
}

// afterPolicy sets or removes a member of the requirement once the policy is made.
func (c *chain) afterPolicy(name string, value *node) {
	c.after = append(c.after, func() {
		requirement := c.policy.get("transports", "docker", host).items[0]
		if value == nil {
			requirement.remove("rekorPublicKeyPath")
			requirement.remove("rekorPublicKeyData")
		} else {
			requirement.set(name, value)
		}
	})
}

func chainCase(s *scene, fulcio bool, special []change[*chain]) {
	c := newChain(s, fulcio)
	for range s.changeCount() {
		from := chainChanges
		if chance(s.r, 33) {
			from = special
		}
		apply(s, c, from[s.r.IntN(len(from))])
	}
	if (c.intermediatesInPolicy && c.fulcio) || c.leaf == nil {
		c.intermediatesInPolicy = false
	}
	c.finish()
	for _, f := range c.after {
		f()
	}
}

func pkiCase(s *scene)    { chainCase(s, false, pkiChanges) }
func fulcioCase(s *scene) { chainCase(s, true, fulcioChanges) }
