package main

import (
	"encoding/binary"
	"fmt"
)

// subpacketContent is what a subpacket of each type holds (RFC 4880, section 5.2.3.1, and RFC 9580, section 5.2.3.7).
func (g *pgpScene) subpacketContent(kind byte) []byte {
	switch kind {
	case 2:
		return time4(pick(g.r, signedAt, signedAt+3, keyCreated, farFuture, 0))
	case 3, 9:
		return time4(pick[uint32](g.r, 0, 3600, 86400*365*60, 0xffffffff))
	case 4, 7, 25: // booleans
		return []byte{byte(pick(g.r, 0, 1, 1, 2))}
	case 5:
		return []byte{byte(pick(g.r, 0, 1, 2)), 60}
	case 6:
		return []byte("<[^>]+[@.]example\\.com>$\x00")
	case 10, 11, 21, 22, 34:
		return []byte{9, 8, 7, 2}
	case 12:
		k := otherKey()
		return append([]byte{byte(pick(g.r, 0x80, 0xc0, 0)), k.algorithm}, k.fingerprint()...)
	case 16:
		return pick(g.r, g.key, g.key, otherKey()).id()
	case 20:
		name := pick(g.r, "name@example.com", "preferred-email-encoding@pgp.com", "")
		value := pick(g.r, "value", "", "\xff")
		b := append([]byte{byte(pick(g.r, 0x80, 0x80, 0)), 0, 0, 0}, byte(len(name)>>8), byte(len(name)), byte(len(value)>>8), byte(len(value)))
		return append(append(b, name...), value...)
	case 23, 30:
		return []byte{byte(pick(g.r, 0, 1, 0x80, 7))}
	case 24, 26:
		return []byte("https://example.com/")
	case 27:
		return []byte{byte(pick(g.r, 0, 1, 2, 3, 4, 12, 32, 0x80))}
	case 28:
		return []byte("signer@example.com")
	case 29:
		return append([]byte{byte(pick(g.r, 0, 1, 2, 3, 32))}, "reason"...)
	case 31:
		return append([]byte{1, 8}, filler(32)...)
	case 32:
		back := newSignature(0x19, g.strayKey(), keyCreated)
		return back.encode(g.signedBy(0x19))
	case 33, 35:
		return append([]byte{4}, pick(g.r, g.key, g.key, otherKey()).fingerprint()...)
	case 37:
		return filler(pick(g.r, 0, 32, 64))
	case 38:
		return append(time4(uint32(signedAt)), 1, 8)
	case 39:
		return []byte{9, 2, 7, 1}
	}
	return filler(pick(g.r, 0, 1, 4, 20))
}

// oddSubpacket adds a subpacket of any type to a signature, and tells which.
func (g *pgpScene) oddSubpacket(to *signaturePacket) string {
	kind := byte(g.r.IntN(128))
	if chance(g.r, 80) {
		kind = byte(pick(g.r, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 37, 38, 39, 40, 100, 110, 0))
	}
	p := subpacket{kind: kind, critical: chance(g.r, 40), data: g.subpacketContent(kind)}
	how := ""
	switch g.r.IntN(8) {
	case 0:
		p.data = p.data[:g.r.IntN(len(p.data)+1)]
		how = ", cut"
	case 1:
		p.data = append(p.data[:len(p.data):len(p.data)], filler(pick(g.r, 1, 3, 12))...)
		how = ", too long"
	case 2:
		p.data = nil
		how = ", empty"
	}
	if chance(g.r, 20) {
		p.lengthBytes = 5
		how += ", length in 5 octets"
	}
	if p.critical {
		how += ", critical"
	}
	where := "hashed"
	list := &to.hashed
	if chance(g.r, 40) {
		where, list = "unhashed", &to.unhashed
	}
	if chance(g.r, 30) {
		*list = append([]subpacket{p}, *list...)
		where += " first"
	} else {
		*list = append(*list, p)
	}
	return fmt.Sprintf("subpacket %d of %d octets (%s)%s", kind, len(p.data), where, how)
}

// oddIssuer changes who a signature says made it, and tells how.
func (g *pgpScene) oddIssuer(to *signaturePacket) string {
	k := to.signer
	fingerprint := func(version byte, f []byte) subpacket {
		return subpacket{kind: 33, data: append([]byte{version}, f...)}
	}
	put := func(p subpacket) string {
		if chance(g.r, 70) {
			to.hashed = append(to.hashed, p)
			return "hashed"
		}
		to.unhashed = append(to.unhashed, p)
		return "unhashed"
	}
	other := pick(g.r, otherKey(), pgpKeyNamed("p256-stranger"))
	id := subpacket{kind: 16, data: k.id()}
	switch g.r.IntN(10) {
	case 0, 1, 2:
		to.drop(33)
		if chance(g.r, 40) {
			to.drop(16)
		}
		version := byte(g.r.IntN(8))
		return fmt.Sprintf("issuer fingerprint of version %d, %s", version, put(fingerprint(version, k.fingerprint())))
	case 3:
		to.drop(33)
		n, version := pick(g.r, 0, 8, 16, 19, 21, 32), byte(pick(g.r, 4, 4, 5, 6))
		f := append(k.fingerprint(), filler(20)...)[:n]
		return fmt.Sprintf("issuer fingerprint of version %d and %d octets, %s", version, n, put(fingerprint(version, f)))
	case 4:
		to.drop(33)
		to.drop(16)
		return "no issuer"
	case 5:
		to.drop(16)
		to.drop(33)
		return "issuer key ID alone, " + put(id)
	case 6:
		where := put(fingerprint(4, other.fingerprint()))
		return "a second issuer fingerprint, of another key, " + where
	case 7:
		where := put(subpacket{kind: 16, data: pick(g.r, other.id(), make([]byte, 8))})
		return "a second issuer key ID, of another key, " + where
	case 8:
		to.drop(16)
		to.drop(33)
		where := put(subpacket{kind: 16, data: append(k.id(), filler(2)...)[:pick(g.r, 0, 4, 7, 9, 10)]})
		return "issuer key ID of another length, " + where
	default:
		to.drop(33)
		to.drop(16)
		p := pick(g.r, id, fingerprint(4, k.fingerprint()))
		p.critical = true
		return "critical issuer, " + put(p)
	}
}

// oddAreas changes how a signature spells its areas of subpackets, and tells how.
func (g *pgpScene) oddAreas(to *signaturePacket) string {
	if to.version == 6 {
		panic("of another shape")
	}
	switch g.r.IntN(5) {
	case 0: // the last subpacket says that it is longer than its area
		to.unhashed = append(to.unhashed, subpacket{kind: 100, data: filler(3)})
		n := byte(pick(g.r, 0, 5, 9, 254))
		to.body = func(b []byte) []byte {
			hashed := int(binary.BigEndian.Uint16(b[4:]))
			unhashed := int(binary.BigEndian.Uint16(b[6+hashed:]))
			b[6+hashed+2+unhashed-5] = n
			return b
		}
		return fmt.Sprintf("an unhashed subpacket whose length is %d", n)
	case 1:
		off := pick(g.r, -1, 1, 2, 300)
		to.body = func(b []byte) []byte {
			hashed := int(binary.BigEndian.Uint16(b[4:]))
			at := 6 + hashed
			binary.BigEndian.PutUint16(b[at:], uint16(int(binary.BigEndian.Uint16(b[at:]))+off))
			return b
		}
		return fmt.Sprintf("the unhashed area's length wrong by %d", off)
	case 2:
		n := pick(g.r, 1000, 8400, 19400+g.r.IntN(650), 19400+g.r.IntN(650), 40000, 65000) // a first line of 20,000 octets is too long for GnuPG
		to.unhashed = append(to.unhashed, subpacket{kind: byte(pick(g.r, 20, 100, 37)), data: append([]byte{0x80, 0, 0, 0, 0, 3, byte((n - 11) >> 8), byte(n - 11)}, filler(n-8)...)})
		return fmt.Sprintf("an unhashed subpacket of %d octets", n)
	case 3:
		n := pick(g.r, 10, 100, 300)
		for i := range n {
			to.unhashed = append(to.unhashed, subpacket{kind: byte(pick(g.r, 20, 100)), data: []byte{byte(i)}})
		}
		return fmt.Sprintf("%d unhashed subpackets", n)
	default:
		to.hashed = append(to.hashed, to.hashed...)
		return "the hashed subpackets twice"
	}
}
