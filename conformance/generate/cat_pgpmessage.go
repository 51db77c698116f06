package main

import (
	"bytes"
	"fmt"
)

// step is a change of one part of an OpenPGP message or keyring; steps are made in the order of their parts: first what
// is signed, then the packets, then the text around them.
type step struct {
	share int
	part  int
	change[*pgpScene]
}

const (
	inside = iota
	packets
	around
)

// steps makes some changes: mostly one, often two.
func steps(g *pgpScene, from []step, begin func(g *pgpScene)) {
	total := 0
	for _, s := range from {
		total += s.share
	}
	count := pick(g.r, 0, 1, 1, 1, 1, 1, 1, 2, 2, 3)
	var chosen []step
	for range count {
		n := g.r.IntN(total)
		for _, s := range from {
			if n -= s.share; n < 0 {
				chosen = append(chosen, s)
				break
			}
		}
	}
	for part := inside; part <= around; part++ {
		if part == packets {
			begin(g)
		}
		for _, s := range chosen {
			if s.part == part {
				g.later(s.change)
			}
		}
	}
}

// later makes a change whose work on the files or on the message's octets comes after that of the changes before.
func (g *pgpScene) later(one change[*pgpScene]) {
	files, message := g.more, g.messageText
	g.more, g.messageText = nil, nil
	apply(g.scene, g, one)
	if next := g.more; next == nil {
		g.more = files
	} else if files != nil {
		g.more = func(g *pgpScene) {
			files(g)
			if g.equal != nil { // what go-crypto is given instead would not be changed
				g.note("(%s: left out)", one.name)
				return
			}
			next(g)
		}
	}
	if next := g.messageText; next == nil {
		g.messageText = message
	} else if message != nil {
		g.messageText = func(b []byte) []byte { return next(message(b)) }
	}
}

// someKey is the name of a key of any kind, most of them such as every back end takes.
func (g *scene) someKey() string {
	if chance(g.r, 75) {
		return pick(g.r, "ed25519-pgp", "ed25519-pgp", "p256-pgp", "p256-pgp", "rsa2048-pgp", "rsa3072-pgp", "p384-pgp", "p521-pgp")
	}
	return pick(g.r, "rsa768-pgp", "rsa1023-pgp", "rsa1024-pgp", "rsa1536-pgp", "rsa2047-pgp", "rsa2049-pgp", "rsa4096-pgp", "rsae3-pgp", "rsae17-pgp", "rsae24-pgp", "rsae31-pgp", "rsae32-pgp", "dsa1024-pgp", "dsa3072-pgp", "dsa2048-pgp", "dsa2048224-pgp", "bp256-pgp", "bp384-pgp", "bp512-pgp", "secp256k1-pgp", "ed448-pgp", "p224-pgp")
}

// anyLayer is one of the layers of the message, the outermost more often.
func (g *pgpScene) anyLayer() *layer {
	all := g.messagePackets.layers()
	if chance(g.r, 40) {
		return all[0]
	}
	return all[g.r.IntN(len(all))]
}

func (g *pgpScene) anyPiece(l *layer) *piece { return l.pieces[g.r.IntN(len(l.pieces))] }

func (g *pgpScene) double(l *layer) {
	p := g.anyPiece(l)
	g.note("%s, %s", p.name, l.insert(g.r.IntN(len(l.pieces)+1), p))
}

func (g *pgpScene) leaveOut(l *layer) {
	at := g.r.IntN(len(l.pieces))
	g.note("%s", l.pieces[at].name)
	l.pieces = append(l.pieces[:at:at], l.pieces[at+1:]...)
}

func (g *pgpScene) swap(l *layer) {
	a, b := g.r.IntN(len(l.pieces)), g.r.IntN(len(l.pieces))
	g.note("%s and %s", l.pieces[a].name, l.pieces[b].name)
	l.pieces[a], l.pieces[b] = l.pieces[b], l.pieces[a]
}

// split makes packets of the message as it is.
func (g *pgpScene) split() {
	m := g.message
	if m.parts != nil || m.finished != nil || m.compression > 0 || m.partial > 0 {
		g.messagePackets = &layer{pieces: []*piece{{name: "the message", raw: m.bytes()}}}
		return
	}
	g.messagePackets = &layer{pieces: m.pieces()}
	if chance(g.r, 30) {
		g.compress()
	}
}

// compress puts the message, or a part of it, into one layer or several.
func (g *pgpScene) compress() {
	l := g.messagePackets
	first, last := 0, len(l.pieces)
	how := "all"
	if chance(g.r, 25) {
		first = g.r.IntN(len(l.pieces))
		last = first + 1 + g.r.IntN(len(l.pieces)-first)
		how = fmt.Sprintf("packets %d to %d", first+1, last)
	}
	method := byte(pick(g.r, 1, 1, 2, 3, 0))
	p := l.wrap(first, last, method)
	p.old = g.message.oldFormat
	g.note("compressed by %s: %s", methodNames[method], how)
	for range pick(g.r, 0, 0, 0, 0, 0, 0, 1, 1, 2, 15, 32) {
		at := first
		l.wrap(at, at+1, byte(pick(g.r, 1, 2, 3)))
		g.note("and again")
	}
}

// addStray puts a packet anywhere in the message.
func (g *pgpScene) addStray(make func(*pgpScene) *piece) {
	l, p := g.anyLayer(), make(g)
	at := g.r.IntN(len(l.pieces) + 1)
	if chance(g.r, 35) {
		at = len(l.pieces)
	}
	where := l.insert(at, p)
	g.note("%s, %s", p.name, where)
	if at == 0 && l == g.messagePackets {
		g.prefix = true
	}
}

var messageSteps = []step{
	{6, inside, change[*pgpScene]{"subpacket of the signature", func(g *pgpScene) { g.note("%s", g.oddSubpacket(g.sig())) }}},
	{3, inside, change[*pgpScene]{"issuer of the signature", func(g *pgpScene) { g.note("%s", g.oddIssuer(g.sig())) }}},
	{2, inside, change[*pgpScene]{"areas of the signature", func(g *pgpScene) { g.note("%s", g.oddAreas(g.sig())) }}},
	{4, inside, change[*pgpScene]{"message changed", func(g *pgpScene) { apply(g.scene, g, messageChanges[g.r.IntN(len(messageChanges))]) }}},
	{2, inside, change[*pgpScene]{"signed by a subkey", func(g *pgpScene) { g.withSubkey() }}},
	{2, inside, change[*pgpScene]{"class of the signature", func(g *pgpScene) {
		g.sig().kind = pick(g.r, signatureClasses...)
		if g.sig().kind == 1 && chance(g.r, 50) {
			g.message.literalKind = 't'
		}
		if chance(g.r, 40) {
			class := pick(g.r, signatureClasses...)
			g.message.onePass = func(_ int, b []byte) []byte { b[1] = class; return b }
			g.note("one-pass %#x", class)
		}
		g.note("%#x", g.sig().kind)
	}}},
	{3, inside, change[*pgpScene]{"one-pass packet", func(g *pgpScene) {
		i, v := g.r.IntN(13), byte(pick(g.r, 0, 1, 2, 3, 4, 5, 6, 8, 10, 17, 19, 22, 255))
		n := pick(g.r, 13, 13, 13, 12, 14, 20, 5, 1, 0)
		g.message.onePass = func(_ int, b []byte) []byte { b[i%len(b)] = v; return append(b, filler(20)...)[:len(b)+n-13] }
		g.note("octet %d is %d, %d octets", i, v, n)
	}}},
	{3, inside, change[*pgpScene]{"second signature", func(g *pgpScene) {
		second := newSignature(0, pick(g.r, otherKey(), pgpKeyNamed("p256-stranger"), g.key), pick(g.r, signedAt, signedAt+5))
		second.corrupt = chance(g.r, 25)
		if chance(g.r, 50) {
			g.message.signatures = append(g.message.signatures, second)
		} else {
			g.message.signatures = append([]*signaturePacket{second}, g.message.signatures...)
		}
		if chance(g.r, 50) {
			g.files = append(g.files, newKeyring(otherKey()).bytes())
		}
	}}},

	{3, inside, change[*pgpScene]{"nesting of the one-pass packets", func(g *pgpScene) {
		for range pick(g.r, 0, 1, 1, 2) {
			k := pick(g.r, otherKey(), pgpKeyNamed("p256-stranger"), g.key)
			g.message.signatures = append(g.message.signatures, newSignature(0, k, signedAt+uint32(len(g.message.signatures))))
		}
		nested := g.r.IntN(8)
		g.message.onePass = func(i int, b []byte) []byte { b[len(b)-1] = byte(nested >> i & 1); return b }
		g.note("%d signatures, last %03b", len(g.message.signatures), nested)
	}}},

	{34, packets, change[*pgpScene]{"packet", func(g *pgpScene) { g.addStray((*pgpScene).stray) }}},
	{7, packets, change[*pgpScene]{"encrypted data", func(g *pgpScene) { g.addStray((*pgpScene).strayEncrypted) }}},
	{7, packets, change[*pgpScene]{"layer", func(g *pgpScene) { g.addStray((*pgpScene).strayCompressed) }}},
	{4, packets, change[*pgpScene]{"comment", func(g *pgpScene) { g.addStray((*pgpScene).strayComment) }}},
	{5, packets, change[*pgpScene]{"secret key", func(g *pgpScene) {
		g.addStray(func(g *pgpScene) *piece { return g.secretKey(byte(pick(g.r, 5, 7)), g.strayKey()) })
	}}},
	{5, packets, change[*pgpScene]{"several packets", func(g *pgpScene) {
		for range pick(g.r, 2, 2, 3, 6) {
			g.addStray((*pgpScene).stray)
		}
	}}},
	{9, packets, change[*pgpScene]{"header", func(g *pgpScene) {
		p := g.anyPiece(g.anyLayer())
		g.note("of %s: %s", p.name, p.respell(g.r))
	}}},
	{3, packets, change[*pgpScene]{"longer payload in chunks", func(g *pgpScene) {
		for _, l := range g.messagePackets.layers() {
			for _, p := range l.pieces {
				if p.tag == 11 {
					bits := pick(g.r, 9, 9, 9, 10, 8, 7, 5, 1, 0)
					p.header = func(tag byte, c []byte) []byte { return chunks(tag, c, bits, true) }
					g.note("of 2^%d", bits)
				}
			}
		}
	}}},
	{8, packets, change[*pgpScene]{"broken layer", func(g *pgpScene) {
		var all []*piece
		find := func() {
			for _, l := range g.messagePackets.layers() {
				for _, p := range l.pieces {
					if p.inner != nil {
						all = append(all, p)
					}
				}
			}
		}
		if find(); all == nil {
			g.compress()
			find()
		}
		g.note("%s", all[g.r.IntN(len(all))].breakStream(g))
	}}},
	{5, packets, change[*pgpScene]{"compressed", func(g *pgpScene) { g.compress() }}},
	{4, packets, change[*pgpScene]{"packet twice", func(g *pgpScene) { g.double(g.anyLayer()) }}},
	{3, packets, change[*pgpScene]{"packet left out", func(g *pgpScene) { g.leaveOut(g.anyLayer()) }}},
	{3, packets, change[*pgpScene]{"order of packets", func(g *pgpScene) { g.swap(g.anyLayer()) }}},
	{3, packets, change[*pgpScene]{"another message", func(g *pgpScene) {
		k := pick(g.r, g.key, otherKey(), pgpKeyNamed("p256-stranger"))
		content := pick(g.r, g.message.content, []byte("{}"))
		b := newPGPMessage(k, content).bytes()
		l := g.anyLayer()
		p := &piece{name: "a message by " + k.name, raw: b}
		if chance(g.r, 30) {
			p = compressed(byte(pick(g.r, 1, 2, 3)), p)
			p.name = "a compressed message by " + k.name
		}
		g.note("%s, %s", p.name, l.insert(pick(g.r, 0, len(l.pieces)), p))
	}}},
	{4, packets, change[*pgpScene]{"packet changed", func(g *pgpScene) {
		p := g.anyPiece(g.anyLayer())
		if p.inner != nil || len(p.content) == 0 {
			panic("no content of its own")
		}
		b := bytes.Clone(p.content)
		at := g.r.IntN(len(b))
		switch g.r.IntN(4) {
		case 0:
			p.content = b[:at]
			g.note("%s cut after %d", p.name, at)
		case 1:
			n := pick(g.r, 1, 2, 10, 300)
			p.content = append(b, filler(n)...)
			g.note("%s longer by %d", p.name, n)
		case 2:
			at %= min(len(b), 14)
			b[at] = byte(g.r.IntN(256))
			p.content = b
			g.note("%s: octet %d is %d", p.name, at, b[at])
		case 3:
			b[at] ^= 1 << g.r.IntN(8)
			p.content = b
			g.note("%s: a bit of octet %d", p.name, at)
		}
	}}},

	{5, around, change[*pgpScene]{"armoured", func(g *pgpScene) {
		text, how := g.someArmor(pick(g.r, "MESSAGE", "MESSAGE", "SIGNATURE", "PUBLIC KEY BLOCK"))
		g.messageText = text
		g.prefix = chance(g.r, 90)
		g.note("%s", how)
	}}},
	{3, around, change[*pgpScene]{"message cut", func(g *pgpScene) {
		n := pick(g.r, 1, 2, 3, 10, 50, 100, 200)
		g.messageText = func(b []byte) []byte { return b[:max(1, len(b)-n)] }
		g.note("by %d", n)
	}}},
	{3, around, change[*pgpScene]{"octets behind", func(g *pgpScene) {
		tail := pick(g.r, filler(1), []byte("\n"), []byte{0}, []byte{0, 0}, []byte{0x80}, []byte{0xff}, make([]byte, 600), filler(5000), []byte("-----"))
		g.messageText = func(b []byte) []byte { return append(b, tail...) }
		g.note("%d of %#x", len(tail), tail[0])
	}}},
	{2, around, change[*pgpScene]{"bit flip", func(g *pgpScene) {
		at, bit := g.r.IntN(1<<16), g.r.IntN(8)
		g.messageText = func(b []byte) []byte { b = bytes.Clone(b); b[at%len(b)] ^= 1 << bit; return b }
	}}},
	{1, around, change[*pgpScene]{"without the prefix", func(g *pgpScene) { g.prefix = false }}},
}

func pgpMessageCase(s *scene) {
	name := s.someKey()
	g := newPGPScene(s, name)
	if chance(s.r, 3) && (g.key.ed != nil || g.key.ed448 != nil || g.key.rsa != nil) {
		g.ofVersion6()
	}
	g.prefix = chance(s.r, 40)
	steps(g, messageSteps, (*pgpScene).split)
	g.finish()
}

// ofVersion6 makes key, keyring and message those of RFC 9580.
func (g *pgpScene) ofVersion6() {
	k := *g.key
	k.version = 6
	if k.ed != nil {
		k.algorithm = 27
	}
	g.note("version 6")
	g.ring = newKeyring(&k)
	g.ring.old = false
	g.signWith(&k)
	g.message.oldFormat = false
}
