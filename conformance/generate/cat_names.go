package main

import (
	"fmt"
	"strings"
)

func hexDigits(n int) string { return strings.Repeat("0123456789abcdef", (n+15)/16)[:n] }

// dockerIdentity is a docker reference, in good or odd form; digest is that of the manifest.
func dockerIdentity(s *scene) string {
	r := s.r
	hosts := []string{host, host, host, "localhost", "localhost:5000", "docker.io", "index.docker.io", "quay.io", "registry:5000", "10.0.0.1:5000", "sub.sub.example.com", "ho_st.com", "host:99999", "xn--80ak6aa92e.example",
		"Index.docker.io", "DOCKER.IO", "LOCALHOST", "Registry", "Registry.Example.com", "[::1]", "[::1]:5000", "[fe80::1%25eth0]", "2001:db8::1", "-host.com", "host-.com", "host.", "ho..st", "host:", "host:port", "a.b:0", "host_", "1.2.3.4", "[2001:db8::1]:443", "ex ample.com", "example.com:00080", "h"}
	paths := []string{"vendor/app", "vendor/app", "vendor/app", "app", "library/app", "a/b/c/d/e", "Vendor/app", "vendor/App", "ven__dor/app", "ven___dor/app", "ven.dor/app", "ven..dor/app", "ven--dor/a---pp", "-vendor/app", "vendor-/app", "vendor/.app", "vendor//app", "/app", "vendor/", "",
		"_app", "app_", "a._b", "vendor/app/" + strings.Repeat("x", 180), strings.Repeat("a", 235), strings.Repeat("a", 255), strings.Repeat("a/", 120) + "b", hexDigits(64), hexDigits(63), hexDigits(65), "a", "é/x", "vendor/a pp", "v@p", "ven_dor/a_b-c.d"}
	tags := []string{":1.0", ":1.0", ":1.0", "", ":latest", ":", ":-x", ":.x", ":_x", ":" + strings.Repeat("t", 128), ":" + strings.Repeat("t", 129), ":A.b-c_D", ":1.0:2", ":1 0", ":é", ":1.0/", ":sha256"}
	digests := []string{"", "", "", "", "@" + s.digest(), "@" + s.digest(), "@sha256:" + hexDigits(64), "@sha256:" + upper(sha256Hex(s.manifest)), "@sha512:" + hexDigits(128), "@sha384:" + hexDigits(96), "@sha256:" + hexDigits(63), "@md5:" + hexDigits(32), "@sha1:" + hexDigits(40), "@", "@sha256:", "@" + hexDigits(64),
		"@@unknown-digest@@", "@sha256+b64:" + hexDigits(64), "@SHA256:" + sha256Hex(s.manifest), "@sha256:" + hexDigits(65), "@unknown-digest", "@sha512:" + hexDigits(64), "@blake3:" + hexDigits(64), "@" + s.digest() + "@" + s.digest()}
	h, p, t, d := host, "vendor/app", ":1.0", ""
	if chance(r, 15) { // with a digest instead of a tag
		t, d = "", "@"+s.digest()
	}
	for range s.changeCount() {
		switch r.IntN(5) {
		case 0:
			h = pick(r, hosts...)
			if chance(r, 8) {
				h = ""
			}
		case 1:
			p = pick(r, paths...)
		case 2:
			t = pick(r, tags...)
		case 3:
			d = pick(r, digests...)
			if d != "" && chance(r, 70) {
				t = ""
			}
		case 4:
			h, p = pick(r, hosts...), pick(r, paths...)
		}
	}
	if h == "" {
		return p + t + d
	}
	return h + "/" + p + t + d
}

// otherIdentity is an identity of another transport; most need no file.
func otherIdentity(s *scene) string {
	r := s.r
	root := s.out.root
	odd := func() string {
		return pick(r, root, root+"/", root+"/keys", root+"/none", root+"/none/deeper", "/", "", "/tmp", root+"/../"+root[1:], root+"//keys", root+"/./keys", "relative-none/deeper", "/none/x", root+"/keys/..", root+"/k:ys", root+"/keys:tag", ".", root+"/a b")
	}
	name := dockerIdentity(s)
	switch r.IntN(13) {
	case 0, 1:
		return "dir:" + odd()
	case 2, 3:
		return "oci:" + odd() + pick(r, "", ":1.0", ":", ":a:b", ":A_b", ":bad tag", ":@", ":@1", ":@-1", ":@x", ":registry.example.com/x:1", ":"+strings.Repeat("t", 200), ":-x", ":@01", ":@+1")
	case 4:
		return "oci-archive:" + odd() + pick(r, "", ":1.0", ":", "/x.tar:1.0", "/x.tar", "/x.tar:bad tag")
	case 5, 6:
		return "docker-archive:" + pick(r, odd(), root+"/x.tar", root+"/x.tar:"+name, root+"/x.tar:@0", root+"/x.tar:@-1", root+"/x.tar:@x", root+"/x.tar:", root+"/x.tar:vendor/app", ":"+name, root+"/x.tar:vendor/app@"+s.digest(), root+"/x.tar:@1:x", root+"/x.tar:vendor/app:1:2", root+"/x.tar:@01")
	case 7, 8:
		return "docker-daemon:" + pick(r, name, name, name, s.digest(), "sha256:"+hexDigits(64), "vendor/app", "vendor/app:1.0", "vendor/app@"+s.digest(), "", "sha256:1234", "sha512:"+hexDigits(128), hexDigits(64), "vendor/app:1@"+s.digest(), "sha256:"+hexDigits(64)+"@x", "md5:x")
	case 9:
		return "atomic:" + pick(r, name, host+"/ns/stream:tag", host+"/ns/stream", "ns/stream:tag", host+"/a/b/c:tag", host+"/ns:tag", host+":5000/ns/stream:tag", host+"/ns/stream@"+s.digest(), "", host+"/ns/stream:tag@"+s.digest(), "localhost/ns/stream:tag")
	case 10:
		return pick(r, "ostree:", "containers-storage:[", "sif:", "tarball:") + pick(r, odd(), name, "", root+"/cases.jsonl")
	case 11:
		return pick(r, "nosuchtransport:", "DOCKER:", "docker :", "dockerx:", "http://", "https://", ":", "oci-dir:", "Docker://", "docker-", "file:") + pick(r, name, "x", "")
	default:
		return pick(r, "docker:", "docker:/", "docker:///", "docker:// ", "docker://docker://", " docker://", "docker://\x00", "docker://\n") + name
	}
}

func identityCase(s *scene) {
	switch s.r.IntN(10) {
	case 0, 1, 2, 3, 4:
		s.identity = "docker://" + dockerIdentity(s)
	case 5:
		for { // without a transport: only what is clearly a host or a path
			s.identity = dockerIdentity(s)
			before, _, _ := strings.Cut(s.identity, ":")
			if strings.Contains(before, "/") || strings.Contains(before, ".") {
				break
			}
		}
	default:
		s.identity = otherIdentity(s)
	}
	s.note("%q", s.identity)
	s.policy = everywhere(accepting())
	if chance(s.r, 45) {
		scopeFor(s)
	}
	s.requireSigned = chance(s.r, 3)
}

// scopeFor makes a policy with one scope that accepts, near the identity, and a default that rejects (or the reverse).
func scopeFor(s *scene) {
	transport, rest, _ := strings.Cut(s.identity, ":")
	if strings.ContainsAny(transport, "/.") {
		transport, rest = "docker", s.identity
	}
	scopes := nearScopes(s, transport, strings.TrimPrefix(rest, "//"))
	yes, no := list(accepting()), list(obj("type", str("reject")))
	if chance(s.r, 20) {
		yes, no = no, yes
	}
	table := obj()
	for range pick(s.r, 1, 1, 1, 2, 3) {
		scope := pick(s.r, scopes...)
		if table.get(scope) == nil {
			table.add(scope, pick(s.r, yes, yes, yes, no).clone())
			s.note("scope %q", scope)
		}
	}
	if chance(s.r, 10) {
		table.set("", yes.clone())
	}
	s.policy = obj("default", no, "transports", obj(transport, table))
	if chance(s.r, 8) {
		s.policy.get("transports").add(pick(s.r, "nosuch", "Docker", "", "ostree", "tarball"), obj(pick(s.r, "anything", "", "/a//b"), yes.clone()))
	}
}

// nearScopes are scopes that an identity might fall under: its parts, and near misses of them.
func nearScopes(s *scene, transport, rest string) []string {
	switch transport {
	case "docker", "atomic", "docker-daemon":
		name, _, _ := strings.Cut(rest, "@")
		if i := strings.LastIndex(name, ":"); i > strings.LastIndex(name, "/") {
			name = name[:i]
		}
		scopes := []string{rest, name, name + ":1.0", name + ":latest", rest + ":latest", "docker.io/library/" + name, "docker.io/" + name, name + "/", name + "x", upper(name), ""}
		for i := len(name) - 1; i > 0; i-- {
			if name[i] == '/' {
				scopes = append(scopes, name[:i], name[:i])
			}
		}
		domain, _, _ := strings.Cut(name, "/")
		bare, _, _ := strings.Cut(domain, ":")
		scopes = append(scopes, domain, bare, "*."+domain, "*."+bare, "*", "*.", "*.com", "*.io", "*.example.com", "*.*.com", "a.*.example.com", "*x.com", "example.com", "*.example.com:5000", "*.example.com/vendor", strings.TrimSuffix(repository, "app"))
		for i := range bare {
			if bare[i] == '.' {
				scopes = append(scopes, "*"+bare[i:], "*"+bare[i:], bare[i+1:])
			}
		}
		if transport == "atomic" {
			scopes = append(scopes, host+"/ns/stream:tag", host+"/ns/stream", host+"/ns", host)
		}
		if transport == "docker-daemon" {
			scopes = append(scopes, "sha256:"+hexDigits(64), s.digest())
		}
		return scopes
	case "dir", "oci", "docker-archive", "oci-archive", "sif", "tarball":
		path := rest
		if i := strings.Index(path, ":"); i >= 0 {
			path = path[:i]
		}
		scopes := []string{rest, path, s.out.root, s.out.root + "/keys", "/", "", "relative", "/tmp/", "/a//b", "/a/../b", "/a/./b", path + ":1.0", path + ":", "/tmp/x:bad tag", path + "/", path + ":@1"}
		for i := len(path) - 1; i > 0; i-- {
			if path[i] == '/' {
				scopes = append(scopes, path[:i], path[:i])
			}
		}
		return scopes
	case "containers-storage":
		return []string{"[/graph]", "[overlay@/graph]", "[overlay@/graph]docker.io/library/app:1", "[]", "x", "[overlay@graph]", "[@/graph]", "[overlay@]", "[/graph]x@" + hexDigits(64), "[/graph]x@y", "[/graph]x@sha256:" + hexDigits(64), "[/graph", "[/graph]a@b@c@d", "", "[/graph]x@sha256:" + hexDigits(64) + "@" + hexDigits(64), "[graph]", "[/graph]@@", "[overlay@/graph+/run]", "[overlay@/graph+/run:opt]"}
	default:
		return []string{"anything", "", "/a//b", "x:y", " "}
	}
}

// scopeCase is about which scope decides, and about which scopes are valid.
func scopeCase(s *scene) {
	if chance(s.r, 30) { // validity: an identity elsewhere, the scope alone matters
		transport := pick(s.r, "docker", "atomic", "docker-daemon", "dir", "oci", "docker-archive", "oci-archive", "sif", "tarball", "containers-storage", "containers-storage", "ostree", "nosuch")
		scope := pick(s.r, nearScopes(s, transport, pick(s.r, taggedName, host+"/ns/stream:tag", s.out.root+"/keys:1.0"))...)
		if chance(s.r, 25) {
			scope = pick(s.r, "x", "X/Y", "a b", "\x00", "é", "[", "/", "/x", "//", "/x/", "/x/..", "*", "sha256:"+hexDigits(64), "a/b/c/d", strings.Repeat("a", 300), "docker.io/x@sha256:"+hexDigits(64), "/x:y", "/x:", ":", "/..", "/./x", " /x", "/x ", "[/a]b", "ns/stream", host+"/ns/stream:"+strings.Repeat("x", 130), host+"/ns/")
		}
		s.note("%s scope %q", transport, scope)
		s.policy = obj("default", list(accepting()), "transports", obj(transport, obj(scope, list(obj("type", str("reject"))))))
		if chance(s.r, 30) {
			s.identity = transport + ":" + pick(s.r, "//"+taggedName, taggedName, s.out.root, s.out.root+"/keys")
			if transport == "containers-storage" || transport == "ostree" {
				s.identity = "docker://" + taggedName
			}
		}
		return
	}
	switch s.r.IntN(8) {
	case 0:
		s.identity = "docker://" + pick(s.r, "ubuntu", "ubuntu:22.04", "docker.io/ubuntu", "vendor/app", "index.docker.io/ubuntu:1", "docker.io/library/ubuntu", "localhost/x", "localhost:5000/x:1")
	case 1:
		s.identity = "docker://" + pick(s.r, host+":5000", "a.b.c.example.com", "localhost:80", "x.com", "registry:5000", "EXAMPLE.com") + "/" + pick(s.r, "a", "a/b", "a/b/c", "a/b/c/d") + pick(s.r, ":1", "", "@"+s.digest(), "@@unknown-digest@@")
	case 2:
		s.identity = otherIdentity(s)
	}
	scopeFor(s)
	if chance(s.r, 5) {
		s.policy.remove("default")
		s.note("no default")
	}
}

func (s *scene) references() []string {
	d := "@" + s.digest()
	return []string{taggedName, taggedName, taggedName, repository + ":2.0", repository, repository + d, taggedName + d, repository + "@sha256:" + hexDigits(64), "vendor/app:1.0", "docker.io/vendor/app:1.0", "docker.io/library/app:1.0", "app:1.0", "index.docker.io/vendor/app:1.0", host + "/vendor", host + "/vendor/app2:1.0",
		host + ":5000/vendor/app:1.0", "mirror.example.com/vendor/app:1.0", "mirror.example.com/x/vendor/app:1.0", "mirror.example.com/x/app:1.0", host + "/other/app:1.0", "", "UPPER/x:1", taggedName + ":x", "docker://" + taggedName, "localhost/app:1.0", "docker.io/app:1.0", hexDigits(64), repository + ":latest",
		repository + "@sha512:" + hexDigits(128), repository + ":1.0@sha256:" + hexDigits(64)}
}

// matchCase is about signedIdentity: the identity, what was signed, and how they are compared.
func matchCase(s *scene) {
	d := s.digest()
	s.identity = "docker://" + pick(s.r, taggedName, taggedName, repository+"@"+d, repository, "vendor/app:1.0", "app:1.0", "mirror.example.com/x/vendor/app:1.0", "mirror.example.com/x/app:1.0", "mirror.example.com/vendor/app@"+d, host+":5000/vendor/app:1.0", repository+":2.0", "docker.io/library/app:1.0", repository+"@@unknown-digest@@", "localhost/app:1.0")
	if chance(s.r, 10) {
		s.identity = pick(s.r, "docker-daemon:"+taggedName, "docker-daemon:"+d, "dir:"+s.out.root, "atomic:"+host+"/vendor/app:1.0", "docker-archive:"+s.out.root+"/x.tar:"+taggedName, "docker-archive:"+s.out.root+"/x.tar", "oci:"+s.out.root+":1.0", "docker-archive:"+s.out.root+"/x.tar:vendor/app:1.0")
	}
	signed := pick(s.r, s.references()...)
	if chance(s.r, 45) { // what would be signed in good order
		signed = strings.TrimPrefix(s.identity, "docker://")
	}
	var match *node
	switch s.r.IntN(8) {
	case 0:
		match = obj("type", str("matchExact"))
	case 1:
		match = obj("type", str("matchRepository"))
	case 2:
		match = obj("type", str("matchRepoDigestOrExact"))
	case 3:
		match = nil
	case 4:
		reference := pick(s.r, s.references()...)
		if chance(s.r, 50) {
			reference = signed
		}
		match = obj("type", str("exactReference"), "dockerReference", str(reference))
	case 5:
		reference := pick(s.r, s.references()...)
		if chance(s.r, 40) {
			reference = repository
		}
		match = obj("type", str("exactRepository"), "dockerRepository", str(reference))
	default:
		prefixes := []string{"mirror.example.com/x", "mirror.example.com", repository, host, host + "/vendor", "docker.io", "docker.io/vendor", "docker.io/library", "index.docker.io", "localhost", host + ":5000", "mirror.example.com/x/", "x", "mirror.example.com/x/vendor/app", "", "Upper.example.com", "UPPER", taggedName, "*.example.com", "docker.io/library/app", "docker.io/x", "vendor", host + "/ven", hexDigits(64), "registry", "mirror.example.com/X", "a b"}
		match = obj("type", str("remapIdentity"), "prefix", str(pick(s.r, prefixes...)), "signedPrefix", str(pick(s.r, prefixes...)))
		if chance(s.r, 45) {
			s.identity = "docker://mirror.example.com/x/vendor/app" + pick(s.r, ":1.0", "@"+d)
			match = obj("type", str("remapIdentity"), "prefix", str("mirror.example.com/x"), "signedPrefix", str(pick(s.r, host, host, host+"/vendor", "docker.io", "localhost:5000")))
			signed = pick(s.r, taggedName, taggedName, repository+":2.0", host+"/vendor/vendor/app:1.0", "docker.io/vendor/app:1.0", "vendor/app:1.0", "localhost:5000/vendor/app:1.0", "mirror.example.com/x/vendor/app:1.0")
		}
	}
	s.note("%s signed %q match %s", s.identity, signed, encodeOr(match))
	words := []string{"type", "dockerReference", "dockerRepository", "prefix", "signedPrefix"}
	if match != nil && chance(s.r, 8) {
		s.note("%s", s.json(words...).mutate(match))
	}
	var requirement *node
	if chance(s.r, 15) {
		s.openpgp = true
		k := pgpKeyNamed("ed25519-pgp")
		s.signatures = [][]byte{newPGPMessage(k, simplePayload(signed, d).encode()).bytes()}
		requirement = obj("type", str("signedBy"), "keyType", str("GPGKeys"), "keyData", b64(newKeyring(k).bytes()))
	} else {
		sig := s.sigstore(keyNamed("p256-a"), signed)
		s.signatures = [][]byte{sig.blob()}
		requirement = obj("type", str("sigstoreSigned"), "keyData", b64(sig.signer.publicPEM()))
	}
	if match != nil {
		requirement.add("signedIdentity", match)
	}
	s.policy = everywhere(requirement)
}

func encodeOr(n *node) string {
	if n == nil {
		return "default"
	}
	return fmt.Sprintf("%s", n.encode())
}
