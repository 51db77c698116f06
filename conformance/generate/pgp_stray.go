package main

import (
	"bytes"
	"fmt"
	"math/big"
	"strings"
)

// Packets that do not belong where they are put: of each type whole ones, cut ones and odd ones.

// filler is content without a newline and without an octet that begins a packet.
func filler(n int) []byte { return bytes.Repeat([]byte("x"), n) }

// someLength is a length at which some implementation changes its mind.
func (g *pgpScene) someLength() int {
	if chance(g.r, 8) {
		return pick(g.r, 8383, 8384, 19990, 19999, 20000, 20001, 20010, 65534, 65535, 65536, 65537, 65540, 66000)
	}
	return pick(g.r, 0, 0, 1, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 16, 17, 18, 19, 20, 21, 22, 24, 30, 64, 191, 192, 200, 2048, 2049)
}

// foreignHalf is a key of the same kind as another.
func foreignHalf(k *pgpKey) *key {
	switch {
	case k.rsa != nil:
		return keyNamed("rsa2048-foreign")
	case k.dsa != nil:
		return keyNamed("dsa2048-foreign")
	case k.ec != nil:
		return &key{ec: &ecKey{curve: k.ec.curve, d: new(big.Int).Add(k.ec.d, big.NewInt(1))}}
	case k.ed448 != nil:
		return keyNamed("ed448-foreign")
	}
	return keyNamed("ed25519-foreign")
}

// secretHalf is what stands behind the public part of a secret-key packet.
func (g *pgpScene) secretHalf(of *pgpKey) ([]byte, string) {
	how := g.r.IntN(16)
	k := *of
	if how >= 14 {
		k.key = foreignHalf(of)
	}
	var numbers []byte
	switch {
	case k.rsa != nil:
		p, q := k.rsa.Primes[0], k.rsa.Primes[1]
		if p.Cmp(q) > 0 {
			p, q = q, p
		}
		numbers = bytes.Join([][]byte{mpi(k.rsa.D), mpi(p), mpi(q), mpi(new(big.Int).ModInverse(p, q))}, nil)
	case k.dsa != nil:
		numbers = mpi(k.dsa.x)
	case k.ec != nil:
		numbers = mpi(k.ec.d)
	case k.ed448 != nil:
		numbers = k.ed448.Seed()
	case k.algorithm == 27:
		numbers = k.ed.Seed()
	default:
		numbers = mpiBytes(k.ed.Seed())
	}
	sum := 0
	for _, b := range numbers {
		sum += int(b)
	}
	plain := append(append([]byte{0}, numbers...), byte(sum>>8), byte(sum))
	protected := append([]byte{254, 9, 3, 8}, filler(8+1+16+len(numbers)+20)...)
	switch how {
	case 0, 1:
		return plain, "whole"
	case 14, 15:
		return plain, "of another key"
	case 2:
		return append(plain[:len(plain)-2:len(plain)-2], 0, 0), "with a wrong checksum"
	case 3, 4:
		return nil, "missing"
	case 5:
		return []byte{0}, "only its first octet"
	case 6:
		return plain[:g.r.IntN(len(plain))], "cut"
	case 7:
		return append(bytes.Clone(plain), filler(g.someLength())...), "too long"
	case 8:
		return protected, "protected"
	case 9:
		return protected[:g.r.IntN(len(protected))], "protected and cut"
	case 10:
		kind := byte(pick(g.r, 255, 253, 9, 3, 1, 200, 252))
		return append([]byte{kind, 9, 3, 8}, filler(pick(g.r, 10, 25, 60))...), fmt.Sprintf("protected in the way %d", kind)
	case 11:
		return append([]byte{255, byte(pick(g.r, 0, 9)), 101, 2}, "GNU\x01"...), "GNU's mark that there is none"
	case 12:
		return append([]byte{255, 0, 101, 2}, "GNU\x02\x10serial-number-16"...), "GNU's mark of a card"
	default:
		return append([]byte{254, 9, byte(pick(g.r, 0, 1, 2, 4, 100)), 8}, filler(60)...), "protected by an odd specifier"
	}
}

func (g *pgpScene) secretKey(tag byte, k *pgpKey) *piece {
	half, how := g.secretHalf(k)
	return pieceOf(tag, append(k.body(), half...), "a secret key (tag %d, of %s, secret half %s)", tag, k.name, how)
}

// oddKey is the content of a public key packet that has something wrong.
func (g *pgpScene) oddKey(k *pgpKey) ([]byte, string) {
	b := bytes.Clone(k.body())
	how := g.r.IntN(11)
	if k.algorithm >= 25 { // it has no such numbers
		how %= 9
	}
	switch how {
	case 0, 1:
		return b, "whole"
	case 2:
		return b[:g.r.IntN(len(b))], "cut"
	case 3:
		return append(b, filler(pick(g.r, 1, 2, 40))...), "too long"
	case 4:
		b[0] = byte(pick(g.r, 0, 1, 2, 3, 5, 6, 7))
		return b, fmt.Sprintf("version %d", b[0])
	case 5:
		other := *k
		other.version = byte(pick(g.r, 3, 5, 6))
		return other.body(), fmt.Sprintf("in the shape of version %d", other.version)
	case 6:
		b[5] = byte(pick(g.r, 0, 2, 3, 16, 18, 20, 21, 23, 25, 26, 27, 28, 30, 31, 32, 35, 99, 100))
		return b, fmt.Sprintf("algorithm %d", b[5])
	case 7:
		return b[:6], "without numbers"
	case 8:
		return nil, "empty"
	case 9:
		// the last number with a zero in front
		at := bytes.LastIndex(b, k.lastNumber())
		n := (int(b[at])<<8 | int(b[at+1]) + 7) / 8 * 8
		return append(append(b[:at:at], byte((n+8)>>8), byte(n+8), 0), b[at+2:]...), "its last number with a zero in front"
	default:
		at := bytes.LastIndex(b, k.lastNumber())
		b[at+1] ^= byte(pick(g.r, 1, 2, 3))
		return b, "its last number of another bit count"
	}
}

// lastNumber is the last multi-precision integer of the key.
func (k *pgpKey) lastNumber() []byte {
	switch {
	case k.rsa != nil:
		return mpi(big.NewInt(int64(k.rsa.E)))
	case k.dsa != nil:
		return mpi(k.dsa.y)
	default:
		m := k.material()
		return m[1+int(m[0]):]
	}
}

// strayKey is a key that a stray packet may be of: the signer's, that of the ring, or another.
func (g *pgpScene) strayKey() *pgpKey {
	return pick(g.r, g.key, g.ring.primary, otherKey(), pgpKeyNamed("p256-stranger"), pgpKeyNamed("ed25519-stray"), pgpKeyNamed("dsa2048-stray"))
}

var signatureClasses = []byte{0, 1, 2, 0x10, 0x11, 0x12, 0x13, 0x16, 0x18, 0x19, 0x1f, 0x20, 0x28, 0x30, 0x40, 0x50, 0x60, 0xff}

// straySignature is the content of a signature packet of any class over nothing in particular.
func (g *pgpScene) straySignature() ([]byte, string) {
	k := g.strayKey()
	s := newSignature(pick(g.r, signatureClasses...), k, pick(g.r, signedAt, signedAt+7, keyCreated, farFuture))
	what := fmt.Sprintf("class %#x by %s", s.kind, k.name)
	data := filler(10)
	if chance(g.r, 60) {
		data = g.signedBy(s.kind)
	}
	switch g.r.IntN(12) {
	case 0, 1:
		s.version = 3
		return s.encode(data), what + ", version 3"
	case 2:
		b := s.encode(data)
		return b[:g.r.IntN(len(b))], what + ", cut"
	case 3:
		b := s.encode(data)
		b[0] = byte(pick(g.r, 2, 5, 6, 7, 0))
		return b, what + fmt.Sprintf(", version %d", b[0])
	case 4:
		s.hashed, s.unhashed = nil, nil
		return s.encode(data), what + ", without issuer"
	case 5:
		b := s.encode(data)
		b[2] = byte(pick(g.r, 0, 2, 16, 20, 99))
		return b, what + fmt.Sprintf(", algorithm %d", b[2])
	case 6:
		return append(s.encode(data), filler(pick(g.r, 1, 30))...), what + ", too long"
	}
	return s.encode(data), what
}

// signedBy is what a signature of this class on the ring is over (RFC 4880, section 5.2.4).
func (g *pgpScene) signedBy(class byte) []byte {
	primary := g.ring.primary.hashed()
	switch class {
	case 0x10, 0x11, 0x12, 0x13, 0x16, 0x30:
		if len(g.ring.users) > 0 {
			return append(primary, g.ring.users[0].hashed()...)
		}
	case 0x18, 0x19, 0x28:
		if len(g.ring.subkeys) > 0 {
			return append(primary, g.ring.subkeys[0].key.hashed()...)
		}
	case 0, 1:
		return g.message.content
	case 2, 0x40:
		return []byte{}
	}
	return primary
}

// strays are the kinds of packets that may be put anywhere.
var strays []func(g *pgpScene) *piece

func init() { // not with the variable: some of them put others inside
	strays = []func(g *pgpScene) *piece{
		func(g *pgpScene) *piece { // marker
			text := pick(g.r, "PGP", "PGP", "PGP", "XYZ", "", "PG", "PGPx", strings.Repeat("P", 60))
			return pieceOf(10, []byte(text), "a marker %q", text)
		},
		func(g *pgpScene) *piece { // trust
			n := g.someLength()
			return pieceOf(12, filler(n), "a trust packet of %d octets", n)
		},
		func(g *pgpScene) *piece {
			b, how := g.straySignature()
			return pieceOf(2, b, "a signature (%s)", how)
		},
		func(g *pgpScene) *piece { return g.secretKey(byte(pick(g.r, 5, 7)), g.strayKey()) },
		func(g *pgpScene) *piece {
			k, tag := g.strayKey(), byte(pick(g.r, 6, 14))
			b, how := g.oddKey(k)
			return pieceOf(tag, b, "a public key (tag %d, of %s, %s)", tag, k.name, how)
		},
		func(g *pgpScene) *piece { // encrypted to a key
			version := byte(pick(g.r, 3, 3, 3, 2, 6, 0))
			id, how := make([]byte, 8), "anybody"
			if chance(g.r, 40) {
				id, how = g.strayKey().id(), "a key"
			}
			b := append(append([]byte{version}, id...), byte(pick(g.r, 1, 2, 16, 18, 25, 99)))
			b = append(b, pick(g.r, mpiBytes(filler(256)), mpiBytes(filler(1)), []byte{}, append(mpiBytes(append([]byte{4}, filler(64)...)), append([]byte{48}, filler(48)...)...), filler(100))...)
			if chance(g.r, 20) {
				b = b[:g.r.IntN(len(b))]
			}
			return pieceOf(1, b, "a key encrypted to %s (version %d, algorithm %d, %d octets)", how, version, b[min(9, len(b)-1)], len(b))
		},
		func(g *pgpScene) *piece { // encrypted by a password
			b := pick(g.r, []byte{4, 9, 3, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x60}, []byte{4, 9, 0, 8}, []byte{4, 7, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8}, []byte{5, 9, 2, 3, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x60}, []byte{6, 9}, []byte{4}, []byte{}, []byte{4, 9, 101, 8}, append([]byte{4, 9, 3, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x60}, filler(33)...))
			return pieceOf(3, b, "a key encrypted by a password (%x)", b)
		},
		func(g *pgpScene) *piece { // one-pass
			s := newSignature(pick(g.r, signatureClasses...), g.strayKey(), signedAt)
			b := append(s.onePass(), byte(pick(g.r, 0, 1)))
			switch g.r.IntN(5) {
			case 0:
				b = b[:g.r.IntN(len(b))]
			case 1:
				b[0] = byte(pick(g.r, 2, 4, 6))
			case 2:
				b = append(b, filler(pick(g.r, 1, 8))...)
			}
			return pieceOf(4, b, "a one-pass packet (%x)", b)
		},
		func(g *pgpScene) *piece { return g.strayCompressed() },
		func(g *pgpScene) *piece { return g.strayEncrypted() },
		func(g *pgpScene) *piece { return g.strayLiteral() },
		func(g *pgpScene) *piece { // user ID
			text := pick(g.r, "Stray <stray@example.com>", "", "\xff\xfe", "x", "nul \x00 in it", strings.Repeat("u", 2048), strings.Repeat("u", 2049), strings.Repeat("u", 16400))
			return pieceOf(13, []byte(text), "a user ID of %d octets", len(text))
		},
		func(g *pgpScene) *piece { // attribute
			b := pick(g.r, []byte("\x11\x01\x10\x00\x01\x01"+strings.Repeat("\x00", 12)), []byte{}, []byte{0}, []byte{1, 1}, []byte{5, 1, 2}, []byte{3, 100, 1, 2}, []byte{192, 0, 1}, append([]byte{255, 0, 0, 0, 3, 1}, 1, 2), bytes.Repeat([]byte{2, 1, 0}, 40))
			return pieceOf(17, b, "an attribute (%x)", b[:min(20, len(b))])
		},
		func(g *pgpScene) *piece { // modification detection
			n := pick(g.r, 20, 20, 19, 21, 0, 1)
			return pieceOf(19, filler(n), "a modification detection code of %d octets", n)
		},
		func(g *pgpScene) *piece { return g.strayComment() },
		func(g *pgpScene) *piece { // padding
			n := g.someLength()
			return pieceOf(21, filler(n), "padding of %d octets", n)
		},
		func(g *pgpScene) *piece { // whatever else
			tag, n := byte(g.r.IntN(64)), g.someLength()
			return pieceOf(tag, filler(n), "tag %d with %d octets", tag, n)
		},
		func(g *pgpScene) *piece { // no packet at all
			b := pick(g.r, []byte{0}, []byte("\n"), []byte("x"), []byte{0x80}, []byte{0xff}, []byte{0xc0}, []byte{0xc0, 0}, []byte{0x80, 0}, filler(30), make([]byte, 30), []byte{0xbf, 0xff, 0xff, 0xff, 0xff})
			return &piece{name: fmt.Sprintf("the octets %x", b), raw: b}
		},
	}
}

func (g *pgpScene) strayComment() *piece {
	tag, n := byte(pick(g.r, 16, 61, 61, 60, 62, 63)), g.someLength()
	if chance(g.r, 15) {
		n = pick(g.r, 65530, 65534, 65535, 65536, 65537, 65538, 70000)
	}
	return pieceOf(tag, filler(n), "a comment (tag %d) of %d octets", tag, n)
}

func (g *pgpScene) strayEncrypted() *piece {
	tag := byte(pick(g.r, 9, 9, 18, 18, 18, 20))
	n := pick(g.r, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 17, 18, 19, 20, 21, 22, 23, 36, 37, 38, 39, 40, 41, 42, 60, 300)
	b := filler(n)
	version := 0
	if tag != 9 && n > 0 {
		version = pick(g.r, 1, 1, 1, 2, 0, 3)
		b[0] = byte(version)
	}
	p := pieceOf(tag, b, "encrypted data (tag %d, %d octets, begins with %d)", tag, n, version)
	if n > 4 && chance(g.r, 30) {
		copy(b[1:], pick(g.r, []byte{9, 1, 6, 1}, []byte{9, 2, 16}, []byte{7, 3, 56}, []byte{1, 1, 1}))
		p.name += ", with a header"
	}
	return p
}

func (g *pgpScene) strayLiteral() *piece {
	switch g.r.IntN(9) {
	case 0:
		return pieceOf(11, []byte("b\x00\x00\x00\x00\x00x"), "a literal")
	case 1:
		return pieceOf(11, []byte("b\x00\x00\x00\x00\x00"), "an empty literal")
	case 2:
		b := []byte("b\x04name\x00\x00\x00\x00x")[:g.r.IntN(11)]
		return pieceOf(11, b, "a literal cut after %d octets", len(b))
	case 3:
		b := append([]byte{'b', 255}, filler(pick(g.r, 0, 100, 258))...)
		return pieceOf(11, b, "a literal whose name is longer than it")
	case 4:
		inside := g.ring.users[0].hashed()
		return pieceOf(11, append([]byte("b\x00\x00\x00\x00\x00"), inside...), "a literal with a user ID in it")
	case 5: // what an implementation sees that does not step over the whole packet
		revocation := newSignature(0x20, g.ring.primary, signedAt)
		return pieceOf(11, append([]byte("b\x00\x00\x00\x00\x00"), packet(2, true, revocation.encode(g.ring.primary.hashed()))...), "a literal with the key's revocation in it")
	case 6:
		return pieceOf(11, append([]byte("b\x00\x00\x00\x00\x00"), newKeyring(otherKey()).bytes()...), "a literal with a keyring in it")
	case 7:
		content := append([]byte("b\x00\x00\x00\x00\x00"), g.message.content...)
		return pieceOf(11, content, "a literal with the payload")
	default:
		n := g.someLength()
		return pieceOf(11, append([]byte("b\x00\x00\x00\x00\x00"), filler(n)...), "a literal of %d octets", n)
	}
}

// strayCompressed is a compressed packet that holds packets which are no message, or nothing, or is broken.
func (g *pgpScene) strayCompressed() *piece {
	method := byte(pick(g.r, 1, 1, 2, 3, 0))
	var inside []*piece
	for range pick(g.r, 0, 1, 1, 1, 2, 3) {
		inside = append(inside, g.strayInLayer())
	}
	p := compressed(method, inside...)
	var names []string
	for _, i := range inside {
		names = append(names, i.name)
	}
	p.name = fmt.Sprintf("a layer (%s) of [%s]", methodNames[method], strings.Join(names, "; "))
	for range pick(g.r, 0, 0, 0, 0, 1, 2, 16) { // one in the other
		p = &piece{name: p.name + " in a layer", tag: 8, old: true, method: byte(pick(g.r, 1, 2, 0)), inner: &layer{pieces: []*piece{p}}}
	}
	if chance(g.r, 35) {
		p.name += ", " + p.breakStream(g)
	}
	return p
}

func (g *pgpScene) strayInLayer() *piece {
	switch g.r.IntN(9) {
	case 0:
		return pieceOf(12, filler(pick(g.r, 0, 1, 2, 6)), "trust")
	case 1:
		n := pick(g.r, 0, 0, 1, 2, 5)
		p := pieceOf(0, filler(n), "tag 0 of %d", n)
		p.old = chance(g.r, 50)
		return p
	case 2:
		return pieceOf(10, []byte("PGP"), "marker")
	case 3:
		return g.strayLiteral()
	case 4:
		return g.strayEncrypted()
	case 5:
		return g.secretKey(byte(pick(g.r, 5, 7)), g.strayKey())
	case 6:
		return g.strayComment()
	case 7:
		k := g.strayKey()
		return pieceOf(pick(g.r, byte(6), 14), k.body(), "a public key of %s", k.name)
	default:
		// any but those that hold a layer again
		for {
			if p := strays[g.r.IntN(len(strays))](g); p.inner == nil {
				return p
			}
		}
	}
}

// breakStream damages the compressed data, and tells how.
func (p *piece) breakStream(g *pgpScene) string {
	n, at, bit := pick(g.r, 1, 2, 3, 4, 5, 8, 10, 20, 60), g.r.IntN(1<<16), g.r.IntN(8)
	if p.method == 0 && chance(g.r, 50) {
		p.method = byte(pick(g.r, 1, 2, 3))
	}
	how, packed := "", func(b []byte) []byte { return b }
	switch g.r.IntN(12) {
	case 0, 1, 2:
		how, packed = fmt.Sprintf("the stream cut by %d", n), func(b []byte) []byte { return b[:max(1, len(b)-n)] }
	case 3:
		how, packed = fmt.Sprintf("%d octets behind the stream", n), func(b []byte) []byte { return append(b, filler(n)...) }
	case 4:
		how, packed = "a packet behind the stream", func(b []byte) []byte { return append(b, packet(13, true, []byte("x"))...) }
	case 5:
		how, packed = "a bit of the stream flipped", func(b []byte) []byte { b[at%len(b)] ^= 1 << bit; return b }
	case 6:
		how, packed = "a bit in the end of the stream flipped", func(b []byte) []byte { b[len(b)-1-at%min(8, len(b))] ^= 1 << bit; return b }
	case 7:
		v := byte(pick(g.r, 0, 1, 2, 3, 4, 5, 99, 110, 255))
		how, packed = fmt.Sprintf("the method %d", v), func(b []byte) []byte { b[0] = v; return b }
	case 8:
		how, packed = "no stream", func(b []byte) []byte { return b[:1] }
	case 9:
		how, packed = "empty", func([]byte) []byte { return nil }
	case 10:
		how, packed = "the stream twice", func(b []byte) []byte { return append(b, b[1:]...) }
	default:
		how, packed = "garbage as its stream", func(b []byte) []byte { return append(b[:1:1], filler(n)...) }
	}
	p.packed = packed
	return how
}

// stray makes a packet that does not belong here, with any header.
func (g *pgpScene) stray() *piece {
	p := strays[g.r.IntN(len(strays))](g)
	if p.raw == nil {
		p.old = chance(g.r, 50)
		if chance(g.r, 22) {
			p.name += ", " + p.respell(g.r)
		} else if !p.old {
			p.name += ", new format"
		}
	}
	return p
}
