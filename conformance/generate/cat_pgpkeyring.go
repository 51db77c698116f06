package main

import (
	"bytes"
	"fmt"
	"strings"
)

// splitRing makes packets of the keyring as it is.
func (g *pgpScene) splitRing() {
	r := g.ring
	l := &layer{pieces: r.pieces()}
	if r.packets != nil { // a change that knows octets only
		l.pieces = []*piece{{name: "the packets", raw: bytes.Join(r.packets(encodeEach(l.pieces)), nil)}}
	}
	g.ringPackets = l
}

// distinctTimes keeps apart the times of the signatures on different user IDs: which of two equally old ones counts is
// decided by the order of a map in go-crypto (Entity.PrimaryIdentity), so by chance.
func (r *keyring) distinctTimes() {
	used := map[uint32]int{}
	for i, u := range r.users {
		for _, s := range u.signatures {
			for {
				if owner, taken := used[s.created]; !taken || owner == i {
					break
				}
				s.created++
			}
			used[s.created] = i
		}
	}
}

// time picks one of these times; what is to come before 2060 will be another case then.
func (g *pgpScene) time(from ...uint32) uint32 {
	t := pick(g.r, from...)
	if t > uint32(date(2026, 1, 1).Unix()) && t < uint32(date(2060, 1, 1).Unix()) {
		g.volatile = true
	}
	return t
}

// oddSignature is a signature of any class on the ring, by the key itself or another.
func (g *pgpScene) oddSignature(class byte) (*signaturePacket, string) {
	by := g.ring.primary
	if chance(g.r, 25) {
		by = pick(g.r, otherKey(), pgpKeyNamed("p256-stranger"), pgpKeyNamed("dsa2048-stray"))
	}
	// never as old as another signature on a user ID (see distinctTimes)
	s := newSignature(class, by, g.time(signedAt+1000, signedAt+2000, keyCreated+500, keyCreated-500, farFuture+9, 0, 1, 0xffffffff, 0x80000000))
	how := fmt.Sprintf("class %#x by %s at %d", class, by.name, s.created)
	if chance(g.r, 40) {
		s.with(27, byte(pick(g.r, 0, 1, 2, 3, 12)))
		how += ", with flags"
	}
	if (class == 0x20 || class == 0x28 || class == 0x30) && chance(g.r, 60) {
		reason := byte(pick(g.r, 0, 1, 2, 3, 32, 100))
		s.with(29, append([]byte{reason}, "because"...)...)
		how += fmt.Sprintf(", reason %d", reason)
	}
	switch g.r.IntN(10) {
	case 0:
		s.corrupt = true
		how += ", wrong"
	case 1:
		s.version = 3
		how += ", version 3"
	case 2:
		s.hash = byte(pick(g.r, hashSHA1, hashMD5, hashRIPEMD, hashSHA512, hashSHA224, hashSHA3256))
		how += fmt.Sprintf(", hash %d", s.hash)
	case 3:
		how += ", " + g.oddIssuer(s)
	case 4:
		how += ", " + g.oddSubpacket(s)
	case 5:
		s.with(3, time4(3600)...)
		how += ", expired"
	case 6:
		s.with(9, expiry(created, pick(g.r, date(2024, 3, 1), date(2075, 1, 1)))...)
		how += ", with an expiry of the key"
	case 7:
		s.over = g.signedBy(class)
		how += ", over what its class asks for"
	case 8:
		s.badCheck = true
		how += ", two octets wrong"
	}
	return s, how
}

// signatureLists are all places of the ring where signatures are.
func (g *pgpScene) signatureLists() ([]*[]*signaturePacket, []string) {
	lists, names := []*[]*signaturePacket{&g.ring.direct}, []string{"the key"}
	for i, u := range g.ring.users {
		lists, names = append(lists, &u.signatures), append(names, fmt.Sprintf("user ID %d", i+1))
	}
	for i, s := range g.ring.subkeys {
		lists, names = append(lists, &s.bindings), append(names, fmt.Sprintf("subkey %d", i+1))
	}
	return lists, names
}

// anySignature is one of the signatures of the ring, mostly that on the user ID.
func (g *pgpScene) anySignature() (*signaturePacket, string) {
	lists, names := g.signatureLists()
	if chance(g.r, 60) && len(g.ring.users) > 0 && len(g.ring.users[0].signatures) > 0 {
		return g.self(), "on user ID 1"
	}
	for {
		i := g.r.IntN(len(lists))
		if n := len(*lists[i]); n > 0 {
			return (*lists[i])[g.r.IntN(n)], "on " + names[i]
		}
	}
}

func put[T any](g *pgpScene, list *[]T, one T) string {
	if chance(g.r, 30) {
		*list = append([]T{one}, *list...)
		return "first"
	}
	*list = append(*list, one)
	return "last"
}

// addStrayToRing puts a packet anywhere in the keyring.
func (g *pgpScene) addStrayToRing(make func(*pgpScene) *piece) {
	p := make(g)
	g.note("%s, %s", p.name, g.ringPackets.insert(g.r.IntN(len(g.ringPackets.pieces)+1), p))
}

var certificationClasses = []byte{0x10, 0x11, 0x12, 0x13, 0x18, 0x19, 0x1f, 0x20, 0x28, 0x30, 0x40, 0x50}

var keyringSteps = []step{
	{9, inside, change[*pgpScene]{"one more signature", func(g *pgpScene) {
		lists, names := g.signatureLists()
		i := g.r.IntN(len(lists))
		s, how := g.oddSignature(pick(g.r, certificationClasses...))
		g.note("%s, on %s, %s", how, names[i], put(g, lists[i], s))
	}}},
	{5, inside, change[*pgpScene]{"class of a signature", func(g *pgpScene) {
		s, where := g.anySignature()
		s.kind = pick(g.r, certificationClasses...)
		if chance(g.r, 30) {
			s.over = g.signedBy(s.kind)
		}
		g.note("%#x %s", s.kind, where)
	}}},
	{9, inside, change[*pgpScene]{"subpacket of a signature", func(g *pgpScene) {
		s, where := g.anySignature()
		g.note("%s, %s", where, g.oddSubpacket(s))
	}}},
	{4, inside, change[*pgpScene]{"issuer of a signature", func(g *pgpScene) {
		s, where := g.anySignature()
		g.note("%s, %s", where, g.oddIssuer(s))
	}}},
	{3, inside, change[*pgpScene]{"areas of a signature", func(g *pgpScene) {
		s, where := g.anySignature()
		g.note("%s, %s", where, g.oddAreas(s))
	}}},
	{3, inside, change[*pgpScene]{"time of a signature", func(g *pgpScene) {
		s, where := g.anySignature()
		s.created = g.time(0, 1, keyCreated-1, keyCreated, keyCreated+1, signedAt-1, signedAt, signedAt+1, farFuture, 0x7fffffff, 0x80000000, 0xffffffff)
		g.note("%s, %d", where, s.created)
	}}},
	{2, inside, change[*pgpScene]{"hash of a signature", func(g *pgpScene) {
		s, where := g.anySignature()
		s.hash = byte(pick(g.r, hashSHA1, hashSHA1, hashMD5, hashRIPEMD, hashSHA224, hashSHA384, hashSHA512, hashSHA3256, hashSHA3512))
		g.note("%s, %d", where, s.hash)
	}}},
	{2, inside, change[*pgpScene]{"numbers of a signature", func(g *pgpScene) {
		s, where := g.anySignature()
		how := g.r.IntN(5)
		s.fields = func(f []byte) []byte {
			f = bytes.Clone(f)
			switch how {
			case 0:
				return append(f, filler(2)...)
			case 1:
				return f[:len(f)-1]
			case 2:
				f[1]++
				return f
			case 3: // a leading zero
				n := (int(f[0])<<8 | int(f[1]) + 7) / 8 * 8
				return append([]byte{byte((n + 8) >> 8), byte(n + 8), 0}, f[2:]...)
			default:
				return nil
			}
		}
		g.note("%s, %d", where, how)
	}}},
	{3, inside, change[*pgpScene]{"user ID", func(g *pgpScene) {
		text := pick(g.r, "", "\xff\xfe", "x", "a\x00b", "a\nb", "a\x80b", strings.Repeat("u", 191), strings.Repeat("u", 2047), strings.Repeat("u", 2048), strings.Repeat("u", 2049), strings.Repeat("u", 9000), strings.Repeat("u", 70000))
		g.ring.users[0].text = text
		g.note("of %d octets", len(text))
	}}},
	{5, inside, change[*pgpScene]{"more user IDs", func(g *pgpScene) {
		for i := range pick(g.r, 1, 1, 2, 5) {
			self := selfSignature(g.ring.primary)
			self.created = pick(g.r, signedAt, keyCreated+1, keyCreated-3000, farFuture) + uint32(10*i)
			u := &userID{text: fmt.Sprintf("More %d", i), signatures: []*signaturePacket{self}}
			how := "good"
			switch g.r.IntN(8) {
			case 0:
				u.signatures = nil
				how = "without signature"
			case 1:
				self.with(9, expiry(created, date(2024, 3, 1))...)
				how = "with an expiry"
			case 2:
				self.corrupt = true
				how = "with a wrong signature"
			case 3:
				self.with(25, 1)
				how = "primary"
			case 4:
				var s *signaturePacket
				s, how = g.oddSignature(0x30)
				u.signatures = append(u.signatures, s)
			case 5:
				self.hash = hashSHA1
				how = "with SHA-1"
			case 6:
				u.text = g.ring.users[0].text
				how = "of the same text"
			}
			g.note("%s, at %d, %s", how, self.created, put(g, &g.ring.users, u))
		}
	}}},
	{3, inside, change[*pgpScene]{"attribute", func(g *pgpScene) {
		self := selfSignature(g.ring.primary)
		self.created = signedAt + 77
		text := pick(g.r, "\x11\x01\x10\x00\x01\x01"+strings.Repeat("\x00", 12), "\x02\x01x", "", "\x00", "\x01\x02", "\x05\x01x", "\xc0\x00\x01x", "\xff\x00\x00\x00\x02\x01x", strings.Repeat("\x02\x64x", 30), "\xff\xff\xff\xff\xff\x01")
		u := &userID{text: text, attribute: true, signatures: []*signaturePacket{self}}
		if chance(g.r, 15) {
			g.ring.users = []*userID{u}
			g.note("%x alone", text)
			return
		}
		g.note("%x %s", text[:min(20, len(text))], put(g, &g.ring.users, u))
	}}},
	{4, inside, change[*pgpScene]{"signing subkey", func(g *pgpScene) {
		sub := g.withSubkey()
		b := sub.bindings[0]
		how := "whole"
		switch g.r.IntN(12) {
		case 0:
			b.drop(32)
			how = "without back signature"
		case 1:
			how = g.oddSubpacket(b)
		case 2: // a back signature of another class, time, signer or hash
			back := newSignature(pick[byte](g.r, 0x19, 0x19, 0x18, 0x28, 0), pick(g.r, sub.key, sub.key, sub.key, otherKey()), pick(g.r, keyCreated, keyCreated-5, farFuture, signedAt))
			back.hash = byte(pick(g.r, int(back.hash), int(back.hash), hashSHA1, hashMD5))
			back.corrupt = chance(g.r, 15)
			b.drop(32)
			b.hashed = append(b.hashed, subpacket{kind: 32, data: back.encode(append(g.ring.primary.hashed(), sub.key.hashed()...))})
			how = fmt.Sprintf("back signature of class %#x by %s at %d, hash %d, wrong %v", back.kind, back.signer.name, back.created, back.hash, back.corrupt)
		case 3:
			s, what := g.oddSignature(0x28)
			sub.bindings = append(sub.bindings, s)
			how = what
		case 4:
			sub.bindings = nil
			how = "not bound"
		case 5:
			s, what := g.oddSignature(0x18)
			sub.bindings = append([]*signaturePacket{s}, sub.bindings...)
			how = what
		case 6:
			b.created = pick(g.r, keyCreated-1, signedAt, signedAt+1, farFuture, 0)
			how = fmt.Sprintf("bound at %d", b.created)
		case 7:
			b.with(9, time4(pick[uint32](g.r, 0, 1, 3600, 86400*31, 86400*31+1, 86400*365*60))...)
			how = "with an expiry"
		case 8:
			k := *sub.key
			k.created = pick(g.r, keyCreated-100, signedAt, signedAt+1, farFuture, 0)
			g.ring.subkeys = nil
			g.ring.addSubkey(&k)
			g.signWith(&k)
			how = fmt.Sprintf("made at %d", k.created)
		}
		g.note("%s, %s", sub.key.name, how)
	}}},
	{2, inside, change[*pgpScene]{"encryption subkeys", func(g *pgpScene) {
		for i := range pick(g.r, 1, 2, 6) {
			k := *pgpKeyNamed(fmt.Sprintf("p256-encryption%d", i))
			k.algorithm = byte(pick(g.r, 18, 18, 99))
			g.ring.subkeys = append(g.ring.subkeys, &subkey{&k, []*signaturePacket{newSignature(0x18, g.ring.primary, keyCreated).with(27, 12)}})
			g.note("algorithm %d", k.algorithm)
		}
	}}},
	{8, inside, change[*pgpScene]{"keyring changed", func(g *pgpScene) { apply(g.scene, g, ringChanges[g.r.IntN(len(ringChanges))]) }}},

	{24, packets, change[*pgpScene]{"packet", func(g *pgpScene) { g.addStrayToRing((*pgpScene).stray) }}},
	{5, packets, change[*pgpScene]{"literal", func(g *pgpScene) { g.addStrayToRing((*pgpScene).strayLiteral) }}},
	{5, packets, change[*pgpScene]{"comment", func(g *pgpScene) { g.addStrayToRing((*pgpScene).strayComment) }}},
	{6, packets, change[*pgpScene]{"signature", func(g *pgpScene) {
		g.addStrayToRing(func(g *pgpScene) *piece {
			b, how := g.straySignature()
			return pieceOf(2, b, "a signature (%s)", how)
		})
	}}},
	{4, packets, change[*pgpScene]{"secret key", func(g *pgpScene) {
		g.addStrayToRing(func(g *pgpScene) *piece { return g.secretKey(byte(pick(g.r, 5, 7)), g.strayKey()) })
	}}},
	{4, packets, change[*pgpScene]{"several packets", func(g *pgpScene) {
		for range pick(g.r, 2, 2, 3, 6) {
			g.addStrayToRing((*pgpScene).stray)
		}
	}}},
	{4, packets, change[*pgpScene]{"secret instead of public", func(g *pgpScene) {
		for _, p := range g.ringPackets.pieces {
			switch {
			case p.tag == 6:
				secret := g.secretKey(5, g.ring.primary)
				p.tag, p.content, p.name = 5, secret.content, secret.name
			case p.tag == 14 && chance(g.r, 70):
				secret := g.secretKey(7, g.ring.subkeys[0].key)
				p.tag, p.content, p.name = 7, secret.content, secret.name
			default:
				continue
			}
			g.note("%s", p.name)
		}
	}}},
	{4, packets, change[*pgpScene]{"odd key", func(g *pgpScene) {
		for _, p := range g.ringPackets.pieces {
			if p.tag == 6 || p.tag == 14 && chance(g.r, 60) {
				k, how := g.ring.primary, ""
				if p.tag == 14 {
					k = g.ring.subkeys[0].key
				}
				p.content, how = g.oddKey(k)
				g.note("%s %s", p.name, how)
				break
			}
		}
	}}},
	{6, packets, change[*pgpScene]{"header", func(g *pgpScene) {
		p := g.anyPiece(g.ringPackets)
		g.note("of %s: %s", p.name, p.respell(g.r))
	}}},
	{3, packets, change[*pgpScene]{"packet twice", func(g *pgpScene) { g.double(g.ringPackets) }}},
	{3, packets, change[*pgpScene]{"packet left out", func(g *pgpScene) { g.leaveOut(g.ringPackets) }}},
	{3, packets, change[*pgpScene]{"order of packets", func(g *pgpScene) { g.swap(g.ringPackets) }}},
	{2, packets, change[*pgpScene]{"compressed", func(g *pgpScene) {
		l := g.ringPackets
		first := g.r.IntN(len(l.pieces))
		last := first + 1 + g.r.IntN(len(l.pieces)-first)
		method := byte(pick(g.r, 0, 1, 2, 3))
		l.wrap(first, last, method)
		g.note("packets %d to %d by %s", first+1, last, methodNames[method])
	}}},
	{3, packets, change[*pgpScene]{"packet changed", func(g *pgpScene) {
		p := g.anyPiece(g.ringPackets)
		b := bytes.Clone(p.content)
		at := g.r.IntN(len(b))
		switch g.r.IntN(3) {
		case 0:
			p.content = b[:at]
			g.note("%s cut after %d", p.name, at)
		case 1:
			n := pick(g.r, 1, 2, 10, 300)
			p.content = append(b, filler(n)...)
			g.note("%s longer by %d", p.name, n)
		case 2:
			b[at] ^= 1 << g.r.IntN(8)
			p.content = b
			g.note("%s: a bit of octet %d", p.name, at)
		}
	}}},
	{6, packets, change[*pgpScene]{"another key", func(g *pgpScene) {
		other := newKeyring(pick(g.r, otherKey(), pgpKeyNamed("ed25519-stray"), pgpKeyNamed("dsa2048-stray"), pgpKeyNamed("secp256k1-stray"), pgpKeyNamed("rsa1024-stray")))
		how := other.primary.name
		switch g.r.IntN(10) {
		case 0:
			other.users[0].signatures[0].corrupt = true
			how += ", its signature wrong"
		case 1:
			other.users = nil
			how += ", without user ID"
		case 2:
			other.users[0].signatures = nil
			how += ", without signature"
		case 3:
			k := *other.primary
			k.version = byte(pick(g.r, 3, 5, 6))
			other = newKeyring(&k)
			how += fmt.Sprintf(", version %d", k.version)
		case 4:
			other.direct = append(other.direct, newSignature(0x20, other.primary, signedAt))
			how += ", revoked"
		case 5, 6:
			other.addSubkey(g.key)
			how += ", with the signer as its subkey"
		}
		g.addStrayAtEnds(&piece{name: how, raw: other.bytes()})
	}}},
	{5, packets, change[*pgpScene]{"the key again", func(g *pgpScene) {
		again := newKeyring(g.ring.primary)
		again.users[0].signatures[0].created = signedAt + 12
		how := "as it is"
		switch g.r.IntN(7) {
		case 0:
			again.users[0].text = "Again"
			how = "another user ID"
		case 1:
			again.direct = append(again.direct, newSignature(0x20, g.ring.primary, signedAt))
			how = "revoked"
		case 2:
			again.users[0].signatures[0].with(9, expiry(created, date(2024, 3, 1))...)
			how = "expired"
		case 3:
			again.users = nil
			how = "the key alone"
		case 4:
			again.users[0].signatures[0].corrupt = true
			how = "its signature wrong"
		case 5:
			again.addSubkey(pgpKeyNamed("p256-sub"))
			how = "with a signing subkey"
		}
		g.addStrayAtEnds(&piece{name: how, raw: again.bytes()})
	}}},

	{10, around, change[*pgpScene]{"armoured", func(g *pgpScene) {
		text, how := g.someArmor(pick(g.r, "PUBLIC KEY BLOCK", "PUBLIC KEY BLOCK", "PUBLIC KEY BLOCK", "PRIVATE KEY BLOCK", "MESSAGE", "SIGNATURE"))
		g.more = func(g *pgpScene) { g.files[0] = text(g.files[0]) }
		g.note("%s", how)
	}}},
	{4, around, change[*pgpScene]{"two armoured blocks", func(g *pgpScene) { g.twoBlocks() }}},
	{3, around, change[*pgpScene]{"a long first line", func(g *pgpScene) {
		n := pick(g.r, 19990+g.r.IntN(20), 19400+g.r.IntN(700), 19400+g.r.IntN(700), 40000)
		tag := byte(pick(g.r, 10, 12, 16, 21, 60, 61, 63, 13, 2, 11))
		old := chance(g.r, 50)
		g.more = func(g *pgpScene) {
			g.files[0] = append(packet(tag, old, filler(n)), g.files[0]...)
		}
		g.note("tag %d with %d octets", tag, n)
	}}},
	{2, around, change[*pgpScene]{"key file cut", func(g *pgpScene) {
		n := pick(g.r, 1, 2, 5, 20, 50, 100)
		g.more = func(g *pgpScene) { g.files[0] = g.files[0][:max(0, len(g.files[0])-n)] }
		g.note("by %d", n)
	}}},
	{2, around, change[*pgpScene]{"bit flip", func(g *pgpScene) {
		at, bit := g.r.IntN(1<<16), g.r.IntN(8)
		g.more = func(g *pgpScene) { g.files[0][at%len(g.files[0])] ^= 1 << bit }
	}}},
	{4, around, change[*pgpScene]{"file changed", func(g *pgpScene) { apply(g.scene, g, fileChanges[g.r.IntN(len(fileChanges))]) }}},
}

func (g *pgpScene) addStrayAtEnds(p *piece) {
	at := pick(g.r, 0, len(g.ringPackets.pieces))
	g.note("%s, %s", p.name, g.ringPackets.insert(at, p))
}

// twoBlocks makes a file of two armoured blocks: go-crypto, which reads only the first, is given their keys one by one.
func (g *pgpScene) twoBlocks() {
	other := newKeyring(pick(g.r, otherKey(), otherKey(), pgpKeyNamed("ed25519-stray"), pgpKeyNamed("dsa1024-stray"))).bytes()
	between := pick(g.r, "", "", "\n", "text\n\n", "\n\n\n", strings.Repeat("t", 20100)+"\n", "\x00\n", "-----\n")
	mineFirst := chance(g.r, 40)
	what := pick(g.r, "whole", "whole", "whole", "without checksum", "wrong checksum", "private", "no end", "cut", "empty")
	g.more = func(g *pgpScene) {
		mine := g.files[0]
		block := func(b []byte) []byte { return newArmored("PUBLIC KEY BLOCK", b, 64).encode() }
		a := newArmored("PUBLIC KEY BLOCK", other, 64)
		switch what {
		case "without checksum":
			a.checksum = ""
		case "wrong checksum":
			a.checksum = "=AAAA"
		case "private":
			a.begin, a.end = "-----BEGIN PGP PRIVATE KEY BLOCK-----", "-----END PGP PRIVATE KEY BLOCK-----"
		case "no end":
			a.end = ""
		case "cut":
			a.lines = a.lines[:2]
		case "empty":
			a.lines, a.checksum = nil, ""
		}
		switch { // a first block that is broken is broken for go-crypto too
		case mineFirst:
			g.equal = [][]byte{mine}
		case what == "whole" || what == "without checksum" || what == "private":
			g.equal = [][]byte{other, mine}
		}
		if mineFirst {
			g.files[0] = append(append(block(mine), between...), a.encode()...)
		} else {
			g.files[0] = append(append(a.encode(), between...), block(mine)...)
		}
	}
	g.note("the other %s, %q between, mine first %v", what, between[:min(10, len(between))], mineFirst)
}

func pgpKeyringCase(s *scene) {
	g := newPGPScene(s, s.someKey())
	if chance(s.r, 3) && (g.key.ed != nil || g.key.ed448 != nil || g.key.rsa != nil) {
		g.ofVersion6()
	}
	if chance(s.r, 25) && g.key.version != 6 {
		g.withSubkey()
		if chance(s.r, 40) { // the primary key signs all the same
			g.signWith(g.ring.primary)
		}
		g.note("with a subkey")
	}
	g.ring.old = chance(s.r, 60)
	steps(g, keyringSteps, (*pgpScene).splitRing)
	g.finish()
}
