package main

import (
	"encoding/base64"
	"fmt"

	"github.com/cyberphone/json-canonicalization/go/src/webpki.org/jsoncanonicalizer"
)

const (
	annotationSignature   = "dev.cosignproject.cosign/signature"
	annotationBundle      = "dev.sigstore.cosign/bundle"
	annotationCertificate = "dev.sigstore.cosign/certificate"
	annotationChain       = "dev.sigstore.cosign/chain"
	sigstoreMIMEType      = "application/vnd.dev.cosign.simplesigning.v1+json"
	loggedAt              = 1706789000 // 2024-02-01, when fulcio certificates of the cases are valid
)

func sigstorePayload(reference, digest string) *node {
	return obj("critical", obj("identity", obj("docker-reference", str(reference)), "image", obj("docker-manifest-digest", str(digest)),
		"type", str("cosign container image signature")),
		"optional", obj("creator", str("conformance"), "timestamp", number(loggedAt)))
}

// sigstoreSignature is a sigstore signature while it is being made. Later steps use what earlier ones left.
type sigstoreSignature struct {
	signer      *key
	tree        *node  // the payload's JSON …
	payload     []byte // … and its text, if it is not the tree's
	raw         []byte // the signature's bytes, if not the signer's usual ones
	base64      string // their spelling, if not the usual one
	mimeType    string
	certificate []byte // PEM for the annotation, or nil
	chain       []byte
	rekor       *rekorEntry
	noSignature bool
	extra       []member // further annotations
	envelope    func(*node)
	envelopeRaw []byte // replaces the text of the envelope
	prefix      string
}

func (s *scene) sigstore(signer *key, reference string) *sigstoreSignature {
	return &sigstoreSignature{signer: signer, tree: sigstorePayload(reference, s.digest()), mimeType: sigstoreMIMEType,
		prefix: "\x00sigstore-json\n"}
}

func (g *sigstoreSignature) payloadBytes() []byte {
	if g.payload == nil {
		g.payload = g.tree.encode()
	}
	return g.payload
}

func (g *sigstoreSignature) signatureBytes() []byte {
	if g.raw == nil {
		g.raw = g.signer.sign(g.payloadBytes())
	}
	return g.raw
}

func (g *sigstoreSignature) envelopeTree() *node {
	annotations := obj()
	if !g.noSignature {
		text := g.base64
		if text == "" {
			text = base64.StdEncoding.EncodeToString(g.signatureBytes())
		}
		annotations.add(annotationSignature, str(text))
	}
	if g.certificate != nil {
		annotations.add(annotationCertificate, str(string(g.certificate)))
	}
	if g.chain != nil {
		annotations.add(annotationChain, str(string(g.chain)))
	}
	if g.rekor != nil {
		annotations.add(annotationBundle, str(string(g.rekor.bundle(g))))
	}
	annotations.members = append(annotations.members, g.extra...)
	return obj("mimeType", str(g.mimeType), "payload", b64(g.payloadBytes()), "annotations", annotations)
}

func (g *sigstoreSignature) blob() []byte {
	if g.envelopeRaw != nil {
		return append([]byte(g.prefix), g.envelopeRaw...)
	}
	tree := g.envelopeTree()
	if g.envelope != nil {
		g.envelope(tree)
	}
	return append([]byte(g.prefix), tree.encode()...)
}

// rekorEntry is the entry in the log that goes with a signature.
type rekorEntry struct {
	log            *key
	integratedTime *node
	keyPEM         []byte              // key or certificate in the entry; nil for that of the signature
	body           func(*node)         // changes the body before it is signed
	bodyText       func([]byte) []byte // … as text
	payload        func(*node)         // changes the payload before it is signed
	delivered      func(*node)         // changes the payload after it was signed
	deliveredText  func([]byte) []byte
	bundleTree     func(*node)
	bundleText     func([]byte) []byte
	timestamp      func([]byte) []byte // changes the signature of the log
}

func newRekorEntry(log *key) *rekorEntry {
	return &rekorEntry{log: log, integratedTime: number(loggedAt + 60)}
}

func (e *rekorEntry) bundle(g *sigstoreSignature) []byte {
	keyPEM := e.keyPEM
	if keyPEM == nil {
		keyPEM = g.certificate
	}
	if keyPEM == nil {
		keyPEM = g.signer.publicPEM()
	}
	body := obj("apiVersion", str("0.0.1"), "kind", str("hashedrekord"), "spec", obj(
		"data", obj("hash", obj("algorithm", str("sha256"), "value", str(sha256Hex(g.payloadBytes())))),
		"signature", obj("content", b64(g.signatureBytes()), "publicKey", obj("content", b64(keyPEM)))))
	if e.body != nil {
		e.body(body)
	}
	bodyText := body.encode()
	if e.bodyText != nil {
		bodyText = e.bodyText(bodyText)
	}
	payload := obj("body", b64(bodyText), "integratedTime", e.integratedTime, "logIndex", number(123456),
		"logID", str(fmt.Sprintf("%064x", 0xc0ffee)))
	if e.payload != nil {
		e.payload(payload)
	}
	text := payload.encode()
	canonical, err := jsoncanonicalizer.Transform(text)
	if err != nil {
		canonical = text
	}
	timestamp := e.log.sign(canonical)
	if e.timestamp != nil {
		timestamp = e.timestamp(timestamp)
	}
	if e.delivered != nil {
		e.delivered(payload)
		text = payload.encode()
	}
	if e.deliveredText != nil {
		text = e.deliveredText(text)
	}
	bundle := obj("SignedEntryTimestamp", b64(timestamp), "Payload", lit(string(text)))
	if e.bundleTree != nil {
		e.bundleTree(bundle)
	}
	bundleText := bundle.encode()
	if e.bundleText != nil {
		bundleText = e.bundleText(bundleText)
	}
	return bundleText
}

// sigstoreSigned is a requirement with one key in a file.
func (s *scene) sigstoreSigned(pem []byte) *node {
	return obj("type", str("sigstoreSigned"), "keyPath", s.keyFile(".pub", pem), "signedIdentity", obj("type", str("matchRepository")))
}
