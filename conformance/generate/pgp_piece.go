package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
)

// piece is a packet of a message or a keyring while it is being made: what it holds, and how its header spells it.
type piece struct {
	name    string // for a person
	tag     byte
	content []byte
	inner   *layer              // what a compressed packet holds; content is made of it
	method  byte                // of the compression
	packed  func([]byte) []byte // changes the compressed data
	old     bool                // the format of the header
	header  func(tag byte, content []byte) []byte
	raw     []byte // these octets and no packet
}

func (p *piece) encode() []byte {
	if p.raw != nil {
		return p.raw
	}
	content := p.content
	if p.inner != nil {
		content = compress(int(p.method), p.inner.encode())
		if p.packed != nil {
			content = p.packed(content)
		}
	}
	if p.header != nil {
		return p.header(p.tag, content)
	}
	return packet(p.tag, p.old, content)
}

func encodeEach(pieces []*piece) [][]byte {
	var parts [][]byte
	for _, p := range pieces {
		parts = append(parts, p.encode())
	}
	return parts
}

// layer is a sequence of packets: a message, what a compressed packet holds, a keyring.
type layer struct {
	name   string
	pieces []*piece
}

func (l *layer) encode() []byte {
	return bytes.Join(encodeEach(l.pieces), nil)
}

// layers gives this layer and all inside, outermost first.
func (l *layer) layers() []*layer {
	all := []*layer{l}
	for _, p := range l.pieces {
		if p.inner != nil {
			all = append(all, p.inner.layers()...)
		}
	}
	return all
}

// insert puts a piece before the piece of this number, and tells where that is.
func (l *layer) insert(at int, p *piece) string {
	where := "in an empty layer"
	switch {
	case at < len(l.pieces):
		where = "before " + l.pieces[at].name
	case at > 0:
		where = "behind " + l.pieces[at-1].name
	}
	l.pieces = append(l.pieces[:at:at], append([]*piece{p}, l.pieces[at:]...)...)
	return where + l.name
}

func compressed(method byte, inner ...*piece) *piece {
	return &piece{name: "compressed", tag: 8, method: method, inner: &layer{name: " (in a layer)", pieces: inner}, old: true}
}

var methodNames = map[byte]string{0: "none", 1: "zip", 2: "zlib", 3: "bzip2"}

// wrap puts the pieces from first to before last into a compressed packet.
func (l *layer) wrap(first, last int, method byte) *piece {
	inside := append([]*piece{}, l.pieces[first:last]...)
	p := compressed(method, inside...)
	l.pieces = append(l.pieces[:first:first], append([]*piece{p}, l.pieces[last:]...)...)
	return p
}

// header is a way to spell the header of a packet; the content may be cut into chunks by it.
type header struct {
	name  string
	spell func(tag byte, content []byte) []byte
}

// oldLength is the old format with so many octets of length, none for 0; a tag that it cannot spell loses a bit.
func oldLength(tag byte, octets, n int) []byte {
	switch octets {
	case 1:
		return []byte{0x80 | tag<<2&0x3c, byte(n)}
	case 2:
		return []byte{0x81 | tag<<2&0x3c, byte(n >> 8), byte(n)}
	case 4:
		return append([]byte{0x82 | tag<<2&0x3c}, time4(uint32(n))...)
	}
	return []byte{0x83 | tag<<2&0x3c}
}

// chunks spells content in chunks of 2^bits octets; ended tells whether a last chunk that is not partial follows.
func chunks(tag byte, content []byte, bits int, ended bool) []byte {
	b := []byte{0xc0 | tag}
	for size := 1 << bits; len(content) >= size; content = content[size:] {
		b = append(append(b, 224|byte(bits)), content[:size]...)
	}
	if !ended {
		return b
	}
	return append(b, packet(tag, false, content)[1:]...)
}

// someHeader picks a way to spell the header of any packet, right or wrong.
func someHeader(r *rand.Rand, tag byte) header {
	old := func(octets int) func(byte, []byte) []byte {
		return func(tag byte, c []byte) []byte { return append(oldLength(tag, octets, len(c)), c...) }
	}
	lie := pick(r, 1, 1, 2, 20, 200, 70000)
	bits := pick(r, 9, 9, 10, 12, 8, 4, 1, 0)
	all := []header{
		{"new format", func(tag byte, c []byte) []byte { return packet(tag, false, c) }},
		{"new format, 5 octets of length", func(tag byte, c []byte) []byte {
			return append(append([]byte{0xc0 | tag, 255}, time4(uint32(len(c)))...), c...)
		}},
		{fmt.Sprintf("partial lengths of 2^%d", bits), func(tag byte, c []byte) []byte { return chunks(tag, c, bits, true) }},
		{fmt.Sprintf("partial lengths of 2^%d without an end", bits), func(tag byte, c []byte) []byte { return chunks(tag, c, bits, false) }},
		{fmt.Sprintf("new format, a length %d too large", lie), func(tag byte, c []byte) []byte {
			return append(append([]byte{0xc0 | tag, 255}, time4(uint32(len(c)+lie))...), c...)
		}},
		{"new format, a length 1 too small", func(tag byte, c []byte) []byte {
			return append(append([]byte{0xc0 | tag, 255}, time4(uint32(max(0, len(c)-1)))...), c...)
		}},
		{"new format, a length of 4 GiB", func(tag byte, c []byte) []byte {
			return append(append([]byte{0xc0 | tag, 255}, 0xff, 0xff, 0xff, 0xff), c...)
		}},
		{"new format, the header alone", func(tag byte, c []byte) []byte { return packet(tag, false, c)[:len(packet(tag, false, c))-len(c)] }},
		{"new format, only the first octet", func(tag byte, _ []byte) []byte { return []byte{0xc0 | tag} }},
	}
	if tag < 16 {
		all = append(all,
			header{"old format", func(tag byte, c []byte) []byte { return packet(tag, true, c) }},
			header{"old format, 2 octets of length", old(2)},
			header{"old format, 4 octets of length", old(4)},
			header{"old format, no length", old(0)},
			header{fmt.Sprintf("old format, a length %d too large", lie), func(tag byte, c []byte) []byte {
				return append(oldLength(tag, 4, len(c)+lie), c...)
			}},
			header{"old format, a length 1 too small", func(tag byte, c []byte) []byte { return append(oldLength(tag, 2, max(0, len(c)-1)), c...) }},
			header{"old format, first bit not set", func(tag byte, c []byte) []byte {
				b := bytes.Clone(packet(tag, true, c))
				b[0] &= 0x7f
				return b
			}},
		)
	}
	return all[r.IntN(len(all))]
}

// respell gives a packet another header, and tells which.
func (p *piece) respell(r *rand.Rand) string {
	h := someHeader(r, p.tag)
	p.header = h.spell
	return h.name
}

// pieceOf makes a packet of a name that says what it is.
func pieceOf(tag byte, content []byte, format string, args ...any) *piece {
	return &piece{name: fmt.Sprintf(format, args...), tag: tag, content: content, old: true}
}
