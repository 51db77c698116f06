package main

import (
	"math/big"
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
