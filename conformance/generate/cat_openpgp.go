package main

import (
	"bytes"
	"strings"
	"time"
)

// pgpScene is an image signed with OpenPGP: the signer's key, its keyring, the message.
type pgpScene struct {
	*scene
	key     *pgpKey // that signs
	ring    *keyring
	message *pgpMessage
	files   [][]byte          // the keyring files, once made
	more    func(g *pgpScene) // changes to the files
	equal   [][]byte          // what go-crypto has to be given to load the same keys
	field   string
	prefix  bool
	match   *node

	// Where packets are put one by one: what the message and the keyring are made of, instead of themselves.
	messagePackets, ringPackets *layer
	messageText                 func([]byte) []byte
}

func (g *pgpScene) sig() *signaturePacket  { return g.message.signatures[0] }
func (g *pgpScene) self() *signaturePacket { return g.ring.users[0].signatures[0] }

// signWith makes the message anew, by another key.
func (g *pgpScene) signWith(k *pgpKey) {
	g.key = k
	g.message = newPGPMessage(k, g.message.content)
}

func otherKey() *pgpKey { return pgpKeyNamed("rsa2048-otherpgp") }

func expiry(from, until time.Time) []byte { return time4(uint32(until.Unix() - from.Unix())) }

var created = date(2024, time.January, 1)

var messageChanges = []change[*pgpScene]{
	{"none", func(g *pgpScene) {}},
	{"hash", func(g *pgpScene) {
		g.sig().hash = byte(pick(g.r, hashMD5, hashSHA1, hashRIPEMD, hashSHA256, hashSHA384, hashSHA512, hashSHA224, hashSHA3256, hashSHA3512))
		g.note("%d", g.sig().hash)
	}},
	{"text mode", func(g *pgpScene) {
		g.sig().kind = 1
		g.message.literalKind = byte(pick(g.r, 't', 'u', 'b'))
		if chance(g.r, 60) {
			g.message.content = bytes.ReplaceAll(g.message.content, []byte(":{"), []byte(pick(g.r, ":\n{", ":\r\n{", ": \n{", ":\r{")))
		}
	}},
	{"literal", func(g *pgpScene) {
		g.message.literalKind = byte(pick(g.r, 't', 'u', 'l', '1', 'm', 0, 'x'))
		g.message.literalName = pick(g.r, "", "name", "_CONSOLE", strings.Repeat("n", 255))
		g.message.literalTime = pick(g.r, 0, signedAt, 0xffffffff)
	}},
	{"compression", func(g *pgpScene) {
		g.message.compression = pick(g.r, 1, 2, 3, 4, 110)
		g.note("%d", g.message.compression)
	}},
	{"nested compression", func(g *pgpScene) {
		g.message.compression, g.message.nested = pick(g.r, 1, 2, 3), pick(g.r, 1, 2, 5, 20, 33)
		g.note("%d", g.message.nested)
	}},
	{"compression cut", func(g *pgpScene) {
		g.message.compression = pick(g.r, 1, 2, 3)
		n := pick(g.r, 1, 4, 10)
		g.message.finished = func(b []byte) []byte { return b[:len(b)-n] }
	}},
	{"new format", func(g *pgpScene) { g.message.oldFormat = false }},
	{"partial lengths", func(g *pgpScene) {
		g.message.oldFormat = false
		g.message.partial = pick(g.r, 9, 9, 8, 5, 0, 1)
		if len(g.message.content) < 600 {
			g.message.content = append(g.message.content, strings.Repeat(" ", 700)...)
		}
		g.note("%d", g.message.partial)
	}},
	{"indeterminate length", func(g *pgpScene) {
		which := g.r.IntN(3)
		g.message.parts = func(p [][]byte) [][]byte {
			p[which] = append([]byte{p[which][0] | 3}, p[which][2:]...)
			return p
		}
		if chance(g.r, 50) {
			g.message.parts = nil
			g.message.compression = 1
			g.message.finished = func(b []byte) []byte { // as GnuPG does: compressed data without length
				header := 2 + int(b[0]&3)
				return append([]byte{0xa3}, b[header:]...)
			}
		}
	}},
	{"marker packet", func(g *pgpScene) {
		at, marker := g.r.IntN(4), packet(10, chance(g.r, 50), []byte(pick(g.r, "PGP", "PGP", "XYZ", "")))
		g.message.parts = func(p [][]byte) [][]byte { return append(p[:at:at], append([][]byte{marker}, p[at:]...)...) }
		g.prefix = true
		g.note("at %d", at)
	}},
	{"unknown packet", func(g *pgpScene) {
		at, extra := g.r.IntN(4), packet(byte(pick(g.r, 12, 15, 19, 21, 40, 60, 63, 13, 20, 0, 39)), false, []byte("xyz"))
		g.message.parts = func(p [][]byte) [][]byte { return append(p[:at:at], append([][]byte{extra}, p[at:]...)...) }
		g.prefix = true
		g.note("%#x at %d", extra[0], at)
	}},
	{"one-pass packet", func(g *pgpScene) {
		i, value := pick(g.r, 0, 1, 2, 3, 4, 11, 12, 12), byte(pick(g.r, 0, 1, 2, 3, 6, 10, 22, 255))
		g.message.onePass = func(_ int, b []byte) []byte { b[i] = value; return b }
		g.note("byte %d is %d", i, value)
	}},
	{"one-pass for any key", func(g *pgpScene) {
		g.message.onePass = func(_ int, b []byte) []byte { copy(b[4:], make([]byte, 8)); return b }
	}},
	{"one-pass longer or shorter", func(g *pgpScene) {
		n := pick(g.r, 12, 14, 5, 0)
		g.message.onePass = func(_ int, b []byte) []byte { return append(b, 0, 0)[:n] }
	}},
	{"order of packets", func(g *pgpScene) {
		order := pick(g.r, []int{2, 1}, []int{0, 1}, []int{0, 2}, []int{1}, []int{1, 2}, []int{2}, []int{0, 1, 1, 2}, []int{0, 2, 1}, []int{0, 0, 1, 2}, []int{0, 1, 2, 2}, []int{1, 0, 1, 2}, []int{0, 1, 2, 0, 1, 2}, []int{0, 1, 2, 1}, []int{2, 0, 1, 2}, []int{0, 1, 2, 0}, []int{0, 0, 1, 2, 2})
		g.message.parts = func(p [][]byte) [][]byte {
			var q [][]byte
			for _, i := range order {
				q = append(q, p[i])
			}
			return q
		}
		g.prefix = g.prefix || order[0] == 1
		g.note("%v", order)
	}},
	{"trailing data", func(g *pgpScene) {
		tail := pick(g.r, []byte("x"), []byte("\n"), []byte{0}, []byte{0xc0}, packet(10, true, []byte("PGP")), packet(13, true, []byte("x")), packet(11, true, []byte("b\x00\x00\x00\x00\x00x")), []byte{0xff}, make([]byte, 30), []byte{0x80})
		g.message.finished = func(b []byte) []byte { return append(b, tail...) }
		g.note("%x", tail)
	}},
	{"second signature", func(g *pgpScene) {
		k := pick(g.r, otherKey(), pgpKeyNamed("p256-stranger"), g.key)
		second := newSignature(0, k, signedAt)
		second.corrupt = chance(g.r, 20)
		if chance(g.r, 50) {
			g.message.signatures = append(g.message.signatures, second)
		} else {
			g.message.signatures = append([]*signaturePacket{second}, g.message.signatures...)
		}
		if chance(g.r, 40) {
			g.files = append(g.files, newKeyring(otherKey()).bytes())
		}
	}},
	{"detached", func(g *pgpScene) { g.message.parts = func(p [][]byte) [][]byte { return p[2:] } }},
	{"unsigned", func(g *pgpScene) {
		g.message.parts = func(p [][]byte) [][]byte { return p[1:2] }
		g.prefix = true
	}},
	{"armoured", func(g *pgpScene) {
		g.message.finished = func(b []byte) []byte { return armor("MESSAGE", b, "", chance(g.r, 80)) }
		g.prefix = true
	}},
	{"version 3 signature", func(g *pgpScene) { g.sig().version = 3 }},
	{"signature version", func(g *pgpScene) {
		v := byte(pick(g.r, 2, 5, 6, 0))
		g.sig().body = func(b []byte) []byte { b[0] = v; return b }
	}},
	{"type of the signature", func(g *pgpScene) { g.sig().kind = byte(pick(g.r, 2, 0x10, 0x13, 0x40, 0x50, 0x20, 0xff, 0x18)) }},
	{"signed content differs", func(g *pgpScene) { g.message.signed = []byte("something else") }},
	{"wrong signature", func(g *pgpScene) { g.sig().corrupt = true }},
	{"wrong two bytes of the digest", func(g *pgpScene) { g.sig().badCheck = true }},
	{"signature's time", func(g *pgpScene) {
		g.sig().created = pick(g.r, farFuture, keyCreated-1, keyCreated-86400, keyCreated, 0, 0xffffffff, uint32(date(2023, 1, 1).Unix()))
		g.note("%d", g.sig().created)
	}},
	{"no creation time", func(g *pgpScene) {
		g.sig().noTime = true
		if chance(g.r, 50) {
			g.sig().unhashed = append(g.sig().unhashed, subpacket{kind: 2, data: time4(signedAt)})
		}
	}},
	{"signature expired", func(g *pgpScene) { g.sig().with(3, time4(uint32(pick(g.r, 3600, 0, 1, 86400*365*60)))...) }},
	{"expiry not protected", func(g *pgpScene) { g.sig().unhashed = append(g.sig().unhashed, subpacket{kind: 3, data: time4(3600)}) }},
	{"no issuer", func(g *pgpScene) {
		switch g.r.IntN(4) {
		case 0:
			g.sig().drop(16)
			g.sig().drop(33)
		case 1:
			g.sig().drop(16)
		case 2:
			g.sig().drop(33)
		case 3:
			g.sig().drop(16)
			g.sig().with(16, g.key.id()...)
		}
	}},
	{"other issuer", func(g *pgpScene) {
		g.sig().drop(16)
		g.sig().drop(33)
		wrong := otherKey()
		switch g.r.IntN(5) {
		case 0:
			g.sig().with(16, wrong.id()...)
		case 1:
			g.sig().with(33, append([]byte{4}, wrong.fingerprint()...)...)
			g.sig().with(16, g.key.id()...)
		case 2:
			g.sig().unhashed = []subpacket{{kind: 16, data: wrong.id()}, {kind: 16, data: g.key.id()}}
		case 3:
			g.sig().unhashed = []subpacket{{kind: 16, data: g.key.id()[:7]}}
		case 4:
			g.sig().with(33, append([]byte{pick(g.r, byte(5), byte(6))}, g.key.fingerprint()...)...)
			g.sig().with(16, g.key.id()...)
		}
	}},
	{"subpacket", func(g *pgpScene) {
		p := subpacket{kind: byte(pick(g.r, 1, 8, 13, 20, 20, 22, 24, 26, 28, 31, 34, 37, 39, 60, 100, 110, 127, 4, 5, 6, 7, 9, 10, 12, 23, 25, 27, 29, 32, 33, 35, 0)), critical: chance(g.r, 40), data: make([]byte, pick(g.r, 0, 1, 4, 8, 20, 21, 200))}
		if p.kind == 20 && chance(g.r, 70) {
			p.data = []byte("\x80\x00\x00\x00\x00\x03\x00\x01a@bx")
		}
		if chance(g.r, 25) {
			p.lengthBytes = 5
		}
		if chance(g.r, 75) {
			g.sig().hashed = append(g.sig().hashed, p)
		} else {
			g.sig().unhashed = append(g.sig().unhashed, p)
		}
		g.note("%d critical %v, %d bytes, length in %d", p.kind, p.critical, len(p.data), p.lengthBytes)
	}},
	{"subpacket cut", func(g *pgpScene) {
		// the last subpacket says it is longer than the area
		g.sig().hashed = append(g.sig().hashed, subpacket{kind: 100, data: []byte{1, 2, 3}})
		g.sig().body = func(b []byte) []byte {
			b = bytes.Clone(b)
			n := int(b[4])<<8 | int(b[5])
			b[6+n-5] = byte(pick(g.r, 0, 9, 254))
			return b
		}
	}},
	{"signature numbers", func(g *pgpScene) {
		how := g.r.IntN(6)
		g.sig().fields = func(f []byte) []byte {
			f = bytes.Clone(f)
			switch how {
			case 0:
				return append(f, 0)
			case 1:
				return f[:len(f)-1]
			case 2:
				f[1]++
			case 3:
				f[0] = 0xff
			case 4: // a leading zero
				n := (int(f[0])<<8 | int(f[1]) + 7) / 8 * 8
				return append([]byte{byte((n + 8) >> 8), byte(n + 8), 0}, f[2:]...)
			case 5:
				return append(f, f...)
			}
			return f
		}
		g.note("%d", how)
	}},
	{"algorithm of the signature", func(g *pgpScene) {
		v := byte(pick(g.r, 1, 3, 17, 19, 22, 27, 99))
		g.sig().body = func(b []byte) []byte { b[2] = v; return b }
		if chance(g.r, 50) {
			g.message.onePass = func(_ int, b []byte) []byte { b[3] = v; return b }
		}
	}},
	{"bit flip", func(g *pgpScene) {
		at, bit := g.r.IntN(1<<16), g.r.IntN(8)
		g.message.finished = func(b []byte) []byte { b = bytes.Clone(b); b[at%len(b)] ^= 1 << bit; return b }
		g.prefix = g.prefix || chance(g.r, 50)
	}},
	{"bit flip in the tail", func(g *pgpScene) {
		at, bit := g.r.IntN(120)+1, g.r.IntN(8)
		g.message.finished = func(b []byte) []byte { b = bytes.Clone(b); b[max(0, len(b)-at)] ^= 1 << bit; return b }
	}},
	{"cut", func(g *pgpScene) {
		n := pick(g.r, 1, 2, 10, 50, 100)
		g.message.finished = func(b []byte) []byte { return b[:max(1, len(b)-n)] }
	}},
	{"signed by a stranger", func(g *pgpScene) { g.signWith(pgpKeyNamed("p256-stranger")) }},
	{"prefix", func(g *pgpScene) { g.prefix = true }},
}

var ringChanges = []change[*pgpScene]{
	{"signing subkey", func(g *pgpScene) { g.withSubkey() }},
	{"signing subkey, changed", func(g *pgpScene) {
		sub := g.withSubkey()
		b := sub.bindings[0]
		switch k := g.r.IntN(13); k {
		case 0:
			b.drop(32) // no back signature
		case 1:
			b.drop(27)
			if chance(g.r, 50) {
				b.with(27, byte(pick(g.r, 4, 8, 12, 0, 1, 32, 3)))
			}
		case 2:
			sub.bindings = nil
		case 3:
			b.with(9, expiry(created, date(2024, 3, 1))...)
		case 4:
			sub.bindings = append(sub.bindings, newSignature(0x28, g.ring.primary, signedAt))
		case 5:
			b.corrupt = true
		case 6:
			b.hash = byte(pick(g.r, hashSHA1, hashMD5, hashSHA512))
		case 7:
			sub.bindings = append([]*signaturePacket{newSignature(0x28, g.ring.primary, signedAt).with(29, 3)}, sub.bindings...)
		case 8: // unprotected flags or back signature
			var kept []subpacket
			for _, p := range b.hashed {
				if p.kind == 32 {
					b.unhashed = append(b.unhashed, p)
				} else {
					kept = append(kept, p)
				}
			}
			b.hashed = kept
		case 9:
			back := newSignature(0x19, otherKey(), keyCreated)
			b.drop(32)
			b.hashed = append(b.hashed, subpacket{kind: 32, data: back.encode([]byte("x"))})
		case 10:
			b.created = pick(g.r, farFuture, keyCreated-86400)
		case 11:
			b.with(3, time4(3600)...)
		case 12:
			newer := newSignature(0x18, g.ring.primary, signedAt).with(27, 12)
			sub.bindings = append(sub.bindings, newer)
		}
	}},
	{"encryption subkey", func(g *pgpScene) {
		k := *pgpKeyNamed("p256-encryption")
		k.algorithm = 18
		g.ring.subkeys = append(g.ring.subkeys, &subkey{&k, []*signaturePacket{newSignature(0x18, g.ring.primary, keyCreated).with(27, 12)}})
	}},
	{"key expires", func(g *pgpScene) {
		until := pick(g.r, date(2024, 3, 1), date(2024, 1, 15), date(2075, 1, 1), created)
		g.self().with(9, expiry(created, until)...)
		g.note("%s", until.Format("2006-01-02"))
	}},
	{"key expires, unprotected", func(g *pgpScene) {
		g.self().unhashed = append(g.self().unhashed, subpacket{kind: 9, data: expiry(created, date(2024, 3, 1))})
	}},
	{"key revoked", func(g *pgpScene) {
		revocation := newSignature(0x20, g.ring.primary, uint32(date(2024, 3, 1).Unix()))
		switch g.r.IntN(7) {
		case 0:
			revocation.with(29, append([]byte{byte(pick(g.r, 0, 1, 2, 3))}, "reason"...)...)
		case 1:
			revocation.corrupt = true
		case 2:
			other := newSignature(0x20, otherKey(), signedAt)
			revocation = other
		case 3:
			revocation.hash = byte(pick(g.r, hashSHA1, hashMD5))
		case 4:
			revocation.created = farFuture
		case 5:
			revocation.with(3, time4(3600)...)
		}
		g.ring.direct = append(g.ring.direct, revocation)
	}},
	{"direct signature", func(g *pgpScene) {
		direct := newSignature(0x1f, g.ring.primary, keyCreated)
		switch g.r.IntN(4) {
		case 0:
			direct.with(9, expiry(created, date(2024, 3, 1))...)
		case 1:
			direct.with(27, byte(pick(g.r, 1, 2, 3, 12)))
		case 2:
			direct.corrupt = true
		}
		g.ring.direct = append(g.ring.direct, direct)
	}},
	{"designated revoker", func(g *pgpScene) {
		g.self().with(12, append([]byte{0x80, otherKey().algorithm}, otherKey().fingerprint()...)...)
		if chance(g.r, 50) {
			g.ring.direct = append(g.ring.direct, newSignature(0x20, otherKey(), signedAt))
		}
	}},
	{"key flags", func(g *pgpScene) {
		g.self().drop(27)
		switch flags := pick(g.r, -1, 0, 1, 2, 3, 4, 12, 32, 33, 99); flags {
		case -1:
		case 99:
			g.self().with(27)
		default:
			g.self().with(27, byte(flags))
		}
	}},
	{"self-signature's hash", func(g *pgpScene) {
		g.self().hash = byte(pick(g.r, hashSHA1, hashMD5, hashSHA512, hashSHA224, hashRIPEMD, hashSHA384))
		g.note("%d", g.self().hash)
	}},
	{"self-signature's kind", func(g *pgpScene) { g.self().kind = byte(pick(g.r, 0x10, 0x11, 0x12, 0x13, 0x1f, 0x30)) }},
	{"self-signature's time", func(g *pgpScene) {
		g.self().created = pick(g.r, farFuture, keyCreated-86400, signedAt, signedAt+100000, 0)
	}},
	{"self-signature expired", func(g *pgpScene) { g.self().with(3, time4(uint32(pick(g.r, 3600, 0, 86400*365*60)))...) }},
	{"self-signature wrong", func(g *pgpScene) { g.self().corrupt = true }},
	{"self-signature version 3", func(g *pgpScene) { g.self().version = 3 }},
	{"self-signature's two bytes", func(g *pgpScene) { g.self().badCheck = true }},
	{"self-signature's subpacket", func(g *pgpScene) {
		p := subpacket{kind: byte(pick(g.r, 20, 25, 100, 60, 34, 7, 23, 24, 26, 28, 11, 22, 110, 0)), critical: chance(g.r, 50), data: make([]byte, pick(g.r, 0, 1, 4, 21))}
		g.self().hashed = append(g.self().hashed, p)
		g.note("%d critical %v", p.kind, p.critical)
	}},
	{"self-signature without issuer", func(g *pgpScene) {
		g.self().drop(16)
		if chance(g.r, 50) {
			g.self().drop(33)
		}
	}},
	{"no self-signature", func(g *pgpScene) { g.ring.users[0].signatures = nil }},
	{"no user ID", func(g *pgpScene) { g.ring.users = nil }},
	{"user ID's signature by another", func(g *pgpScene) {
		other := newSignature(byte(pick(g.r, 0x10, 0x13)), otherKey(), signedAt)
		other.corrupt = chance(g.r, 40)
		u := g.ring.users[0]
		if chance(g.r, 50) {
			u.signatures = append(u.signatures, other)
		} else {
			u.signatures = append([]*signaturePacket{other}, u.signatures...)
		}
	}},
	{"user ID revoked", func(g *pgpScene) {
		revocation := newSignature(0x30, g.ring.primary, signedAt)
		revocation.corrupt = chance(g.r, 30)
		g.ring.users[0].signatures = append(g.ring.users[0].signatures, revocation)
	}},
	{"second user ID", func(g *pgpScene) {
		self := selfSignature(g.ring.primary)
		self.created = signedAt
		u := &userID{text: pick(g.r, "Second <second@example.com>", "", "\xff\xfe", "x"), signatures: []*signaturePacket{self}}
		switch g.r.IntN(6) {
		case 0:
			self.with(9, expiry(created, date(2024, 3, 1))...)
		case 1:
			u.signatures = nil
		case 2:
			self.corrupt = true
		case 3:
			self.with(25, 1)
			self.drop(27)
			self.with(27, 1)
		case 4:
			g.self().with(25, 1)
			self.with(9, expiry(created, date(2024, 3, 1))...)
		}
		if chance(g.r, 70) {
			g.ring.users = append(g.ring.users, u)
		} else {
			g.ring.users = append([]*userID{u}, g.ring.users...)
		}
	}},
	{"newer self-signature", func(g *pgpScene) {
		newer := selfSignature(g.ring.primary)
		newer.created = signedAt
		switch g.r.IntN(4) {
		case 0:
			newer.with(9, expiry(created, date(2024, 3, 1))...)
		case 1:
			newer.drop(27)
			newer.with(27, 1)
		case 2:
			g.self().with(9, expiry(created, date(2024, 3, 1))...)
		}
		u := g.ring.users[0]
		if chance(g.r, 50) {
			u.signatures = append(u.signatures, newer)
		} else {
			u.signatures = append([]*signaturePacket{newer}, u.signatures...)
		}
	}},
	{"user attribute", func(g *pgpScene) {
		self := selfSignature(g.ring.primary)
		self.created = signedAt
		u := &userID{text: "\x11\x01\x10\x00\x01\x01" + strings.Repeat("\x00", pick(g.r, 12, 12, 12, 11, 40)), attribute: true, signatures: []*signaturePacket{self}}
		if chance(g.r, 20) {
			g.ring.users = []*userID{u}
		} else {
			g.ring.users = append(g.ring.users, u)
		}
	}},
	{"packet in the keyring", func(g *pgpScene) {
		at := g.r.IntN(4)
		extra := pick(g.r, packet(12, true, []byte{1}), packet(10, true, []byte("PGP")), packet(60, false, []byte("x")), packet(40, false, []byte("x")), packet(2, true, []byte{3, 5}), packet(2, true, []byte{4, 0x13, 1, 8, 0, 0, 0, 0}), packet(11, true, []byte("b\x00\x00\x00\x00\x00x")), packet(13, true, []byte("bare user")), packet(21, false, []byte("pad")), packet(14, true, []byte{9}), packet(6, true, []byte{9}))
		g.ring.packets = func(p [][]byte) [][]byte {
			i := min(at, len(p))
			return append(p[:i:i], append([][]byte{extra}, p[i:]...)...)
		}
		g.note("%x at %d", extra, at)
	}},
	{"new format", func(g *pgpScene) { g.ring.old = false }},
	{"secret key", func(g *pgpScene) {
		g.ring.packets = func(p [][]byte) [][]byte {
			p[0] = packet(byte(pick(g.r, 5, 7, 14)), true, append(g.ring.primary.body(), 0, 0, 8, 1, 0, 9))
			return p
		}
	}},
	{"key version", func(g *pgpScene) {
		k := *g.ring.primary
		k.version = byte(pick(g.r, 3, 5, 6, 2))
		g.ring.primary = &k
	}},
	{"key's time", func(g *pgpScene) {
		k := *g.key
		k.created = pick(g.r, farFuture, 0, signedAt+1, signedAt)
		ring := newKeyring(&k)
		ring.users[0].signatures[0].created = max(k.created, keyCreated)
		g.ring = ring
		g.signWith(&k)
	}},
	{"key's numbers", func(g *pgpScene) {
		at, bit := g.r.IntN(1<<16), g.r.IntN(8)
		g.ring.packets = func(p [][]byte) [][]byte {
			b := g.ring.primary.body()
			b[at%len(b)] ^= 1 << bit
			p[0] = packet(6, true, b)
			return p
		}
	}},
	{"bit flip in the keyring", func(g *pgpScene) {
		at, bit := g.r.IntN(1<<16), g.r.IntN(8)
		g.ring.text = func(b []byte) []byte { b[at%len(b)] ^= 1 << bit; return b }
	}},
	{"keyring cut", func(g *pgpScene) {
		n := pick(g.r, 1, 5, 50, 200)
		g.ring.text = func(b []byte) []byte { return b[:max(0, len(b)-n)] }
	}},
}

func (g *pgpScene) withSubkey() *subkey {
	k := pgpKeyNamed(pick(g.r, "p256-sub", "rsa2048-sub", "ed25519-sub"))
	sub := g.ring.addSubkey(k)
	g.signWith(k)
	return sub
}

// fileChanges are about the files that keyrings come in.
var fileChanges = []change[*pgpScene]{
	{"armoured", func(g *pgpScene) {
		g.ring.text = func(b []byte) []byte {
			return armor("PUBLIC KEY BLOCK", b, pick(g.r, "", "Version: x\n", "Comment: a\nHash: b\n"), chance(g.r, 80))
		}
	}},
	{"armoured, changed", func(g *pgpScene) {
		how := g.r.IntN(9)
		g.ring.text = func(b []byte) []byte {
			t := string(armor("PUBLIC KEY BLOCK", b, "", true))
			switch how {
			case 0:
				t = strings.ReplaceAll(t, "\n", "\r\n")
			case 1:
				t = "text before\n" + t
			case 2:
				t += "text after\n"
			case 3:
				t = strings.Replace(t, "\n=", "\n=A", 1)
			case 4:
				t = strings.ReplaceAll(t, "PUBLIC KEY BLOCK", pick(g.r, "MESSAGE", "SIGNATURE", "PRIVATE KEY BLOCK", "X"))
			case 5:
				t = strings.Replace(t, "-----\n\n", "-----\n", 1)
			case 6:
				t = strings.Split(t, "-----END")[0]
			case 7:
				t = "\n" + t
			case 8:
				t = " " + t
			}
			return []byte(t)
		}
		g.note("%d", how)
	}},
	{"several keys in one file", func(g *pgpScene) {
		g.more = func(g *pgpScene) {
			other := newKeyring(otherKey()).bytes()
			if chance(g.r, 50) {
				g.files[0] = append(other, g.files[0]...)
			} else {
				g.files[0] = append(g.files[0], other...)
			}
		}
	}},
	{"several armoured keys in one file", func(g *pgpScene) {
		g.more = func(g *pgpScene) {
			mine, other := g.files[0], newKeyring(otherKey()).bytes()
			a, b := armor("PUBLIC KEY BLOCK", mine, "", true), armor("PUBLIC KEY BLOCK", other, "", true)
			g.equal = [][]byte{mine, other}
			if chance(g.r, 60) {
				a, b = b, a
			}
			g.files[0] = append(append(a, pick(g.r, "", "\n", "text\n\n")...), b...)
		}
	}},
	{"armoured and binary", func(g *pgpScene) {
		g.more = func(g *pgpScene) {
			mine, other := g.files[0], newKeyring(otherKey()).bytes()
			block := armor("PUBLIC KEY BLOCK", other, "", true)
			files := [][][]byte{{armor("PUBLIC KEY BLOCK", mine, "", true), other}, {mine, block}, {block, mine}, {other, armor("PUBLIC KEY BLOCK", mine, "", true)}}
			file := pick(g.r, files...)
			g.files[0] = bytes.Join(file, nil)
			// Armoured before: two blocks after all.
			if begin := []byte("-----BEGIN"); bytes.HasPrefix(file[0], begin) && bytes.HasPrefix(file[1], begin) {
				g.equal = file
			}
		}
	}},
	{"same key twice", func(g *pgpScene) { g.more = func(g *pgpScene) { g.files = append(g.files, g.files[0]) } }},
	{"second keyring", func(g *pgpScene) {
		g.more = func(g *pgpScene) {
			second := pick(g.r, newKeyring(otherKey()).bytes(), newKeyring(otherKey()).bytes(), []byte{}, []byte("garbage"), newKeyring(otherKey()).bytes()[:20], armor("PUBLIC KEY BLOCK", newKeyring(otherKey()).bytes(), "", true))
			if chance(g.r, 50) {
				g.files = append(g.files, second)
			} else {
				g.files = append([][]byte{second}, g.files...)
			}
		}
	}},
	{"only another key", func(g *pgpScene) { g.more = func(g *pgpScene) { g.files = [][]byte{newKeyring(otherKey()).bytes()} } }},
	{"no keys", func(g *pgpScene) {
		g.more = func(g *pgpScene) {
			g.files = pick(g.r, [][]byte{}, [][]byte{{}}, [][]byte{[]byte("garbage")})
			g.field = pick(g.r, "keyPaths", g.field)
		}
	}},
	{"garbage around", func(g *pgpScene) {
		head, tail := pick(g.r, "", "\n", "x", "\x00"), pick(g.r, "", "\n", "x", "\x00", "\xc0", "\xff\xff")
		g.ring.text = func(b []byte) []byte { return append([]byte(head), append(b, tail...)...) }
		g.note("%q %q", head, tail)
	}},
	{"key of an unknown algorithm", func(g *pgpScene) {
		k := *pgpKeyNamed("ed25519-unknownalgo")
		k.algorithm = byte(pick(g.r, 99, 100, 21, 28, 24))
		unknown := packet(6, true, k.body())
		g.more = func(g *pgpScene) {
			if chance(g.r, 50) {
				g.files[0] = append(unknown, g.files[0]...)
			} else {
				g.files[0] = append(g.files[0], unknown...)
			}
		}
	}},
	{"key data", func(g *pgpScene) { g.field = "keyData" }},
	{"missing file", func(g *pgpScene) { g.field = "missing" }},
	{"two messages", func(g *pgpScene) {
		g.after = append(g.after, func() {
			g.signatures = append([][]byte{newPGPMessage(pgpKeyNamed("p256-stranger"), g.message.content).bytes()}, g.signatures...)
		})
	}},
}

func newPGPScene(s *scene, name string) *pgpScene {
	s.openpgp = true
	k := pgpKeyNamed(name)
	if k.ed != nil && chance(s.r, 10) {
		k.algorithm = 27
	}
	s.volatile = k.dsa != nil // Sequoia refuses DSA from 2030 on
	g := &pgpScene{scene: s, key: k, ring: newKeyring(k), field: pick(s.r, "keyPath", "keyData", "keyPaths")}
	g.message = newPGPMessage(k, simplePayload(taggedName, s.digest()).encode())
	g.message.oldFormat = chance(s.r, 70)
	s.note("%s", name)
	if k.algorithm == 27 {
		s.note("as algorithm 27")
	}
	return g
}

func openpgpCase(s *scene) {
	g := newPGPScene(s, pick(s.r, "rsa2048-pgp", "rsa2048-pgp", "ed25519-pgp", "ed25519-pgp", "p256-pgp", "p256-pgp", "p384-pgp", "p521-pgp", "rsa4096-pgp", "rsa1024-pgp", "rsa3072-pgp", "dsa2048-pgp", "dsa1024-pgp", "bp256-pgp", "bp384-pgp", "bp512-pgp", "secp256k1-pgp", "dsa2048224-pgp"))
	for range s.changeCount() {
		from := pick(s.r, messageChanges, messageChanges, ringChanges, ringChanges, fileChanges)
		apply(s, g, from[s.r.IntN(len(from))])
	}
	g.finish()
}

func (g *pgpScene) finish() {
	ring := g.ring.bytes
	if g.ringPackets != nil {
		ring = g.ringPackets.encode
	}
	g.files = append([][]byte{ring()}, g.files...)
	if g.more != nil {
		g.more(g)
	}
	message := g.message.bytes
	if g.messagePackets != nil {
		message = g.messagePackets.encode
	}
	blob := message()
	if g.messageText != nil {
		blob = g.messageText(blob)
	}
	if g.prefix {
		blob = append([]byte("\x00simple-signing\n"), blob...)
	}
	g.signatures = [][]byte{blob}
	requirement := obj("type", str("signedBy"), "keyType", str("GPGKeys"))
	keyPaths := func(files [][]byte) *node {
		paths := list()
		for _, f := range files {
			paths.items = append(paths.items, g.keyFile(".gpg", f))
		}
		return paths
	}
	field := g.field
	if len(g.files) != 1 && field != "missing" {
		field = "keyPaths"
	}
	switch field {
	case "keyPath":
		requirement.add("keyPath", g.keyFile(".gpg", g.files[0]))
	case "keyData":
		requirement.add("keyData", b64(g.files[0]))
	case "missing":
		requirement.add("keyPath", str(g.out.root+"/keys/none.gpg"))
	default:
		requirement.add("keyPaths", keyPaths(g.files))
	}
	if g.equal != nil && len(g.files) == 1 {
		g.goCryptoKeys = func(policy *node) {
			r := policy.get("transports", "docker", host).items[0]
			r.remove("keyPath")
			r.remove("keyData")
			r.remove("keyPaths")
			r.add("keyPaths", keyPaths(g.equal))
		}
	}
	if g.match != nil {
		requirement.add("signedIdentity", g.match)
	}
	g.policy = rejecting(host, requirement)
	for _, f := range g.after {
		f()
	}
}
