package main

import "strings"

var policyWords = []string{"default", "transports", "type", "keyType", "keyPath", "keyPaths", "keyData", "keyDatas", "signedIdentity", "fulcio", "pki", "rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas",
	"caPath", "caData", "oidcIssuer", "subjectEmail", "caRootsPath", "caRootsData", "caIntermediatesPath", "caIntermediatesData", "subjectHostname", "dockerReference", "dockerRepository", "prefix", "signedPrefix", "baseLayerIdentity"}

// policyTree is a valid policy under which the scene's image is accepted: the requirement that counts, and others that
// only have to parse.
func policyTree(s *scene) *node {
	r := s.r
	pgp, p256 := pgpKeyNamed("ed25519-pgp"), keyNamed("p256-a")
	ring, public := newKeyring(pgp).bytes(), p256.publicPEM()
	match := func() *node {
		return pick(r, obj("type", str("matchRepository")), obj("type", str("matchRepoDigestOrExact")), obj("type", str("exactReference"), "dockerReference", str(taggedName)),
			obj("type", str("exactRepository"), "dockerRepository", str(repository)), obj("type", str("matchExact")), obj("type", str("remapIdentity"), "prefix", str(host), "signedPrefix", str(host)))
	}
	withMatch := func(n *node) *node {
		if chance(r, 70) {
			n.add("signedIdentity", match())
		}
		return n
	}
	simple := func() *node {
		n := obj("type", str("signedBy"), "keyType", str("GPGKeys"))
		switch r.IntN(3) {
		case 0:
			n.add("keyPath", s.keyFile(".gpg", ring))
		case 1:
			n.add("keyPaths", list(s.keyFile(".gpg", ring)))
		default:
			n.add("keyData", b64(ring))
		}
		return withMatch(n)
	}
	rekor := func(n *node) *node {
		log := keyNamed("p256-rekor").publicPEM()
		return pick(r, n.clone().add("rekorPublicKeyPath", s.keyFile(".pub", log)), n.clone().add("rekorPublicKeyPaths", list(s.keyFile(".pub", log))), n.clone().add("rekorPublicKeyData", b64(log)), n.clone().add("rekorPublicKeyDatas", list(b64(log))))
	}
	root := keyNamed("p256-ca0")
	rootPEM := newCA("Root", root, nil, root).pem()
	byKey := func() *node {
		n := obj("type", str("sigstoreSigned"))
		switch r.IntN(4) {
		case 0:
			n.add("keyPath", s.keyFile(".pub", public))
		case 1:
			n.add("keyPaths", list(s.keyFile(".pub", public)))
		case 2:
			n.add("keyData", b64(public))
		default:
			n.add("keyDatas", list(b64(public)))
		}
		return withMatch(n)
	}
	fulcio := func() *node {
		ca := obj("oidcIssuer", str(oidcIssuer), "subjectEmail", str(signerEmail))
		if chance(r, 50) {
			ca.add("caPath", s.keyFile(".pem", rootPEM))
		} else {
			ca.add("caData", b64(rootPEM))
		}
		return withMatch(rekor(obj("type", str("sigstoreSigned"), "fulcio", ca)))
	}
	pki := func() *node {
		ca := obj()
		if chance(r, 50) {
			ca.add("caRootsPath", s.keyFile(".pem", rootPEM))
		} else {
			ca.add("caRootsData", b64(rootPEM))
		}
		if chance(r, 40) {
			ca.add("caIntermediatesData", b64(rootPEM))
		} else if chance(r, 30) {
			ca.add("caIntermediatesPath", s.keyFile(".pem", rootPEM))
		}
		if chance(r, 70) {
			ca.add("subjectEmail", str(signerEmail))
		}
		if chance(r, 50) || ca.get("subjectEmail") == nil {
			ca.add("subjectHostname", str(signerHost))
		}
		return withMatch(obj("type", str("sigstoreSigned"), "pki", ca))
	}
	base := func() *node {
		return obj("type", str("signedBaseLayer"), "baseLayerIdentity", match())
	}
	counts := pick(r, simple, byKey, byKey, accepting)
	if chance(r, 15) {
		counts = func() *node { return obj("type", str("reject")) }
	}
	deciding := list(counts())
	if chance(r, 15) {
		deciding.items = append(deciding.items, byKey())
	}
	table := obj(host, deciding)
	for range r.IntN(3) {
		other := pick(r, simple, byKey, fulcio, pki, base, accepting, func() *node { return rekor(byKey()) })
		table.set(pick(r, "other.example.com", "*.example.org", "docker.io/library", "other.example.com/x:1", ""), list(other()))
	}
	tree := obj("default", list(obj("type", str("reject"))), "transports", obj("docker", table))
	if chance(r, 30) {
		tree.get("transports").add(pick(r, "dir", "docker-daemon", "atomic", "oci", "unknown", "containers-storage"), obj("", list(pick(r, accepting, fulcio, pki)())))
	}
	if chance(r, 5) {
		tree = obj("default", deciding)
	}
	return tree
}

// policyCase changes the policy's text.
func policyCase(s *scene) {
	pgp, p256 := pgpKeyNamed("ed25519-pgp"), keyNamed("p256-a")
	s.signatures = [][]byte{newPGPMessage(pgp, simplePayload(taggedName, s.digest()).encode()).bytes(), s.sigstore(p256, taggedName).blob()}
	s.openpgp = true
	s.policy = policyTree(s)
	for range s.changeCount() {
		if chance(s.r, 8) {
			text, what := s.json().mutateText(s.policy.encode())
			if text == nil {
				text = []byte{}
			}
			s.policyText = text
			s.note("text: %s", what)
			break
		}
		if chance(s.r, 12) {
			requirement := anyRequirement(s)
			if requirement == nil {
				continue
			}
			field := pick(s.r, "keyPath", "keyPaths", "keyData", "keyDatas", "rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas", "fulcio", "pki", "signedIdentity", "keyType", "type", "baseLayerIdentity")
			value := pick(s.r, str(""), lit("null"), list(), list(lit("null")), list(str("")), obj(), str("x"), b64([]byte("xy")), list(b64([]byte("xy"))), list(number(1)), str("matchExact"), obj("type", str("matchExact")))
			if field == "keyType" || field == "type" {
				value = str(pick(s.r, "GPGKeys", "signedByGPGKeys", "X509Certificates", "signedByX509CAs", "GPGkeys", "", "signedBy", "sigstoreSigned", "signedBaseLayer", "reject", "insecureAcceptAnything", "Reject"))
			}
			requirement.set(field, value)
			s.note("%s = %s", field, value.encode())
			continue
		}
		if chance(s.r, 35) {
			s.note("%s", s.json().respell(s.policy))
			continue
		}
		s.note("%s", s.json(policyWords...).mutate(s.policy))
	}
	text := s.policyText
	if text == nil {
		text = s.policy.encode()
	}
	// What cannot reach a keyring gives one verdict, whatever the back end.
	s.openpgp = strings.Contains(string(text), "signedBy") || strings.Contains(string(text), `\u`)
	if chance(s.r, 4) {
		s.requireSigned = true
	}
}

// anyRequirement is one of the requirements somewhere in the policy.
func anyRequirement(s *scene) *node {
	var found []*node
	for _, p := range places(s.policy) {
		if p.value.kind == 'o' && p.value.get("type") != nil && p.parent != nil && p.parent.kind == 'a' {
			found = append(found, p.value)
		}
	}
	if found == nil {
		return nil
	}
	return found[s.r.IntN(len(found))]
}
