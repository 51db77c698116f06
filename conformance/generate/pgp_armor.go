package main

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// armored is a block of ASCII armour, part by part.
type armored struct {
	before, begin, headers, blank string
	data                          []byte
	lines                         []string
	newline                       string
	checksum, end, after          string
}

func newArmored(kind string, data []byte, width int) *armored {
	c := crc24(data)
	a := &armored{begin: "-----BEGIN PGP " + kind + "-----", data: data, newline: "\n", end: "-----END PGP " + kind + "-----",
		checksum: "=" + base64.StdEncoding.EncodeToString([]byte{byte(c >> 16), byte(c >> 8), byte(c)})}
	text := base64.StdEncoding.EncodeToString(data)
	for ; len(text) > width; text = text[width:] {
		a.lines = append(a.lines, text[:width])
	}
	a.lines = append(a.lines, text)
	return a
}

func (a *armored) encode() []byte {
	var b strings.Builder
	line := func(s string) { b.WriteString(s + a.newline) }
	b.WriteString(a.before)
	if a.begin != "" {
		line(a.begin)
	}
	b.WriteString(a.headers)
	if a.blank != "none" {
		line(a.blank)
	}
	for _, l := range a.lines {
		line(l)
	}
	if a.checksum != "" {
		line(a.checksum)
	}
	if a.end != "" {
		line(a.end)
	}
	b.WriteString(a.after)
	return []byte(b.String())
}

// someArmor picks a way to armour data, right or wrong, and tells which.
func (g *pgpScene) someArmor(kind string) (func([]byte) []byte, string) {
	r := g.r
	width := pick(r, 64, 64, 64, 76, 60, 4, 1, 77, 100, 1000, 4000, 19990, 19994, 19995, 19996, 19997, 19998, 19999, 20000, 20001, 20004, 1<<20)
	how := fmt.Sprintf("as %s, lines of %d", kind, width)
	var edits []func(a *armored)
	for range pick(r, 0, 0, 1, 1, 1, 1, 2) {
		edit, name := g.armorEdit()
		edits = append(edits, edit)
		how += ", " + name
	}
	return func(b []byte) []byte {
		a := newArmored(kind, b, width)
		for _, edit := range edits {
			edit(a)
		}
		return a.encode()
	}, how
}

func (g *pgpScene) armorEdit() (func(a *armored), string) {
	r := g.r
	long := pick(r, 100, 1000, 19990, 19998, 19999, 20000, 20001, 20100, 40000)
	at := r.IntN(1 << 16)
	switch r.IntN(15) {
	case 0, 1:
		text := pick(r, "Version: x\n", "Comment: a\nComment: b\n", "Hash: SHA256\n", "Charset: utf-8\n", "MessageID: 1\n", "Foo: bar\n", "foo:bar\n", "Foo:\n", "Foo\n", ": x\n", "Foo : x\n", "Version: x\r\n", "Version: \xff\n", "Version: \x00\n", " Version: x\n", "Version: x\n continued\n", "Comment: "+strings.Repeat("c", long)+"\n")
		return func(a *armored) { a.headers += text }, fmt.Sprintf("the header %.40q", text)
	case 2:
		text := pick(r, "none", "none", " ", "\t", "  \t ", "\r", "\n", "\v", "\f", "\u00a0")
		return func(a *armored) { a.blank = text }, fmt.Sprintf("%q as the blank line", text)
	case 3:
		newline := pick(r, "\r\n", "\r\n", "\r", " \n", "\t\n", " \r\n", "\n\n", "\x00\n", "\f\n")
		return func(a *armored) { a.newline = newline }, fmt.Sprintf("lines that end in %q", newline)
	case 4, 5:
		text := pick(r, "", "", "", "=", "=AAAA", "=AAA", "=AAAAA", "= AAAA", "AAAA", "=AA==")
		return func(a *armored) { a.checksum = text }, fmt.Sprintf("%q as the checksum", text)
	case 6: // the checksum in another place
		return func(a *armored) {
			a.lines[len(a.lines)-1] += a.checksum
			a.checksum = ""
		}, "the checksum on the last line"
	case 7:
		return func(a *armored) {
			a.after = a.checksum + "\n" + a.after
			a.checksum = ""
		}, "the checksum behind the end"
	case 8:
		text := pick(r, "-----BEGIN PGP MESSAGE-----", "-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP PRIVATE KEY BLOCK-----", "-----BEGIN PGP PUBLIC KEY BLOCK----- ", "-----BEGIN PGP PUBLIC KEY BLOCK-----x", "----BEGIN PGP PUBLIC KEY BLOCK-----", "------BEGIN PGP PUBLIC KEY BLOCK-----", "-----BEGIN PGP PUBLIC KEY BLOCK------", "-----BEGIN PGP PUBLIC KEY BLOCK----", " -----BEGIN PGP PUBLIC KEY BLOCK-----", "-----begin pgp public key block-----", "-----BEGIN PGP PUBLIC KEY-----", "-----BEGIN PGP ARMORED FILE-----", "-----BEGIN PGP SECRET KEY BLOCK-----", "-----BEGIN PGP MESSAGE, PART 1/2-----", "-----BEGIN PGP SIGNED MESSAGE-----", "-----BEGIN PUBLIC KEY BLOCK-----", "")
		return func(a *armored) { a.begin = text }, fmt.Sprintf("begins with %q", text)
	case 9:
		text := pick(r, "", "-----END PGP MESSAGE-----", "-----END PGP PUBLIC KEY BLOCK-----x", "-----END PGP PUBLIC KEY BLOCK----- \t", "-----END PGP PUBLIC KEY BLOCK----", "----END PGP PUBLIC KEY BLOCK-----", "-----END-----", "-----", "-----END PGP X-----")
		return func(a *armored) { a.end = text }, fmt.Sprintf("ends with %q", text)
	case 10:
		text := pick(r, "text\n", "\n", " ", "\t", "a: b\n\n", "-----\n", "-----BEGIN\n", "-----BEGIN PGP\n", "\xef\xbb\xbf", "\x00", "\xc0\n", "\x98\n", "text", strings.Repeat("t", long)+"\n", strings.Repeat("text\n", 300), "=AAAA\n", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n", "-----BEGIN CERTIFICATE-----\n")
		return func(a *armored) { a.before = text }, fmt.Sprintf("%.40q before it", text)
	case 11:
		text := pick(r, "text\n", "\n", "\x00", "\xc0", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n", "AAAA\n", strings.Repeat("t", long))
		return func(a *armored) { a.after = text }, fmt.Sprintf("%.40q behind it", text)
	case 12:
		text := pick(r, "!", "-", "_", " ", "\t", "=", "\x00", "\x80", "\xff", ".", "\n", "- ", "=3D", "AAAA", "A")
		return func(a *armored) {
			i := at % len(a.lines)
			l := a.lines[i]
			where := at % (len(l) + 1)
			a.lines[i] = l[:where] + text + l[where:]
		}, fmt.Sprintf("%q in the data", text)
	case 13:
		text := pick(r, "=", "==", "===", "A===", "====", "AA==AA==")
		return func(a *armored) { a.lines[len(a.lines)-1] = strings.TrimRight(a.lines[len(a.lines)-1], "=") + text }, fmt.Sprintf("%q as the padding", text)
	default:
		text := pick(r, "", " ", "Foo: bar", "text", "-----", "=AAAA", strings.Repeat("A", 19999))
		return func(a *armored) {
			i := at % (len(a.lines) + 1)
			a.lines = append(a.lines[:i:i], append([]string{text}, a.lines[i:]...)...)
		}, fmt.Sprintf("the line %.40q in the data", text)
	}
}
