package main

import (
	"bytes"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
)

// tlv is one DER element with a minimal length.
func tlv(tag byte, parts ...[]byte) []byte {
	var content []byte
	for _, p := range parts {
		content = append(content, p...)
	}
	return append(append([]byte{tag}, derLength(len(content))...), content...)
}

func derLength(n int) []byte {
	switch {
	case n < 0x80:
		return []byte{byte(n)}
	case n < 0x100:
		return []byte{0x81, byte(n)}
	default:
		return []byte{0x82, byte(n >> 8), byte(n)}
	}
}

// longTLV spells the length with one byte more than DER allows.
func longTLV(tag byte, content []byte) []byte {
	length := derLength(len(content))
	if length[0] < 0x80 {
		length = []byte{0x81, length[0]}
	} else {
		length = append([]byte{length[0] + 1, 0}, length[1:]...)
	}
	return append(append([]byte{tag}, length...), content...)
}

func seq(parts ...[]byte) []byte       { return tlv(0x30, parts...) }
func set(parts ...[]byte) []byte       { return tlv(0x31, parts...) }
func octets(b []byte) []byte           { return tlv(0x04, b) }
func bits(b []byte) []byte             { return tlv(0x03, append([]byte{0}, b...)) }
func utf8String(s string) []byte       { return tlv(0x0c, []byte(s)) }
func printable(s string) []byte        { return tlv(0x13, []byte(s)) }
func ia5(s string) []byte              { return tlv(0x16, []byte(s)) }
func explicit(n byte, b []byte) []byte { return tlv(0xa0|n, b) }

var derNull = []byte{0x05, 0x00}
var derTrue = []byte{0x01, 0x01, 0xff}

func integer(n *big.Int) []byte {
	if n.Sign() == 0 {
		return []byte{0x02, 0x01, 0x00}
	}
	if n.Sign() < 0 {
		size := uint(n.BitLen()/8+1) * 8
		two := new(big.Int).Lsh(big.NewInt(1), size)
		return tlv(0x02, two.Add(two, n).Bytes())
	}
	b := n.Bytes()
	if b[0] >= 0x80 {
		b = append([]byte{0}, b...)
	}
	return tlv(0x02, b)
}

func small(n int64) []byte { return integer(big.NewInt(n)) }

// oid encodes dotted numbers.
func oid(dotted string) []byte {
	var numbers []uint64
	for _, part := range strings.Split(dotted, ".") {
		n, err := strconv.ParseUint(part, 10, 64)
		if err != nil {
			panic(err)
		}
		numbers = append(numbers, n)
	}
	var b []byte
	for _, n := range append([]uint64{numbers[0]*40 + numbers[1]}, numbers[2:]...) {
		chunk := []byte{byte(n & 0x7f)}
		for n >>= 7; n > 0; n >>= 7 {
			chunk = append([]byte{byte(n&0x7f) | 0x80}, chunk...)
		}
		b = append(b, chunk...)
	}
	return tlv(0x06, b)
}

// derNode is a DER element taken apart; content is that of a primitive one, wrap is what stands before DER that is put
// into a string of bits or octets.
type derNode struct {
	tag      byte
	children []*derNode
	content  []byte
	inside   bool // the children are in an octet string or, behind a byte, in a bit string
	raw      []byte
}

// readDER takes whole elements apart; nil if the bytes are none.
func readDER(b []byte) []*derNode {
	var all []*derNode
	for len(b) > 0 {
		if len(b) < 2 || b[0]&0x1f == 0x1f {
			return nil
		}
		n, header := int(b[1]), 2
		if n >= 0x80 {
			count := n & 0x7f
			if count == 0 || count > 2 || len(b) < 2+count {
				return nil
			}
			n = 0
			for _, x := range b[2 : 2+count] {
				n = n<<8 | int(x)
			}
			header += count
		}
		if len(b) < header+n {
			return nil
		}
		one := &derNode{tag: b[0], content: b[header : header+n]}
		if one.tag&0x20 != 0 {
			one.children = readDER(one.content)
		} else if one.tag == 0x04 {
			one.children = readDER(one.content)
			one.inside = one.children != nil
		}
		all = append(all, one)
		b = b[header+n:]
	}
	return all
}

func (n *derNode) encode() []byte {
	if n.raw != nil {
		return n.raw
	}
	content := n.content
	if n.children != nil {
		content = nil
		for _, c := range n.children {
			content = append(content, c.encode()...)
		}
	}
	return tlv(n.tag, content)
}

// mutateDER changes one element somewhere in the structure.
func mutateDER(r *rand.Rand, der []byte) ([]byte, string) {
	top := readDER(der)
	if len(top) != 1 {
		return der, "nothing"
	}
	type spot struct {
		parent *derNode
		index  int
		path   string
	}
	var spots []spot
	var walk func(n *derNode, path string)
	walk = func(n *derNode, path string) {
		for i, c := range n.children {
			at := fmt.Sprintf("%s.%d", path, i)
			spots = append(spots, spot{n, i, at})
			walk(c, at)
		}
	}
	walk(top[0], "")
	if spots == nil {
		return der, "nothing"
	}
	s := spots[r.IntN(len(spots))]
	n := s.parent.children[s.index]
	var what string
	switch r.IntN(12) {
	case 0:
		what = "removed"
		s.parent.children = append(s.parent.children[:s.index:s.index], s.parent.children[s.index+1:]...)
		if len(s.parent.children) == 0 {
			s.parent.children, s.parent.content = nil, nil
		}
	case 1:
		what = "repeated"
		s.parent.children = append(s.parent.children[:s.index+1:s.index+1], s.parent.children[s.index:]...)
	case 2:
		tag := pick(r, byte(0x02), byte(0x04), byte(0x03), byte(0x05), byte(0x01), byte(0x30), byte(0x31), byte(0x0c), byte(0x13), byte(0x16), byte(0x17), byte(0x18), n.tag^0x20, n.tag^0x80, n.tag+1, byte(0x1e), byte(0x14))
		what = fmt.Sprintf("tag %#x instead of %#x", tag, n.tag)
		n.tag = tag
	case 3:
		what = "long length"
		n.raw = longTLV(n.tag, n.encode()[2:])
	case 4:
		what = "empty"
		n.raw = []byte{n.tag, 0}
	case 5:
		if n.children == nil && len(n.content) > 0 {
			what = "content byte"
			n.content = bytes.Clone(n.content)
			n.content[r.IntN(len(n.content))] ^= 1 << r.IntN(8)
		}
	case 6:
		if n.children == nil {
			what = "leading zero"
			n.content = append([]byte{0}, n.content...)
		}
	case 7:
		if n.children == nil {
			what = "byte after"
			n.content = append(bytes.Clone(n.content), byte(r.IntN(256)))
		} else {
			what = "element after"
			n.children = append(n.children, &derNode{raw: pick(r, derNull, small(1), []byte{0}, seq(), octets(nil))})
		}
	case 8:
		if i := r.IntN(len(s.parent.children)); i != s.index {
			what = "order"
			s.parent.children[i], s.parent.children[s.index] = n, s.parent.children[i]
		}
	case 9:
		what = "null instead"
		n.raw = derNull
	case 10:
		if n.children == nil && len(n.content) > 1 {
			what = "shorter"
			n.content = n.content[:len(n.content)-1]
		}
	case 11:
		what = "wrapped"
		n.raw = pick(r, seq(n.encode()), octets(n.encode()), explicit(0, n.encode()))
	}
	if what == "" {
		return der, "nothing"
	}
	return top[0].encode(), s.path + " " + what
}
