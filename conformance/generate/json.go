package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// node is a JSON value that can be spelled in ways no JSON library would write: members keep their order, may repeat,
// and any part may be replaced by raw text.
type node struct {
	kind    byte // 'o' object, 'a' list, 's' string, 'n' anything spelled by text: number, true, null, or broken text
	members []member
	items   []*node
	text    string // of a string, or the spelling of an 'n'
	raw     string // of a string: its spelling with quotes, if it is not the usual one
	bytes   bool   // a string that stands for bytes in base64
}

type member struct {
	key    string
	rawKey string // the key's spelling with quotes, if it is not the usual one
	value  *node
}

func obj(pairs ...any) *node {
	n := &node{kind: 'o'}
	for i := 0; i < len(pairs); i += 2 {
		n.members = append(n.members, member{key: pairs[i].(string), value: pairs[i+1].(*node)})
	}
	return n
}

func list(items ...*node) *node { return &node{kind: 'a', items: items} }
func str(s string) *node        { return &node{kind: 's', text: s} }
func lit(spelling string) *node { return &node{kind: 'n', text: spelling} }
func number(n int64) *node      { return lit(fmt.Sprint(n)) }
func b64(data []byte) *node {
	return &node{kind: 's', text: base64.StdEncoding.EncodeToString(data), bytes: true}
}

// add does nothing to what an earlier change took away.
func (n *node) add(key string, value *node) *node {
	if n == nil {
		return n
	}
	n.members = append(n.members, member{key: key, value: value})
	return n
}

// get is the value of a member, or nil.
func (n *node) get(keys ...string) *node {
	for _, key := range keys {
		if n == nil {
			return nil
		}
		var found *node
		for _, m := range n.members {
			if m.key == key {
				found = m.value
			}
		}
		n = found
	}
	return n
}

func (n *node) set(key string, value *node) {
	if n == nil {
		return
	}
	for i := range n.members {
		if n.members[i].key == key {
			n.members[i].value = value
			return
		}
	}
	n.add(key, value)
}

func (n *node) remove(key string) {
	var kept []member
	for _, m := range n.members {
		if m.key != key {
			kept = append(kept, m)
		}
	}
	n.members = kept
}

func (n *node) clone() *node {
	c := *n
	c.members = append([]member(nil), n.members...)
	for i := range c.members {
		c.members[i].value = c.members[i].value.clone()
	}
	c.items = append([]*node(nil), n.items...)
	for i := range c.items {
		c.items[i] = c.items[i].clone()
	}
	return &c
}

func quoteJSON(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (n *node) encode() []byte {
	var b bytes.Buffer
	n.write(&b)
	return b.Bytes()
}

func (n *node) write(b *bytes.Buffer) {
	switch n.kind {
	case 'o':
		b.WriteByte('{')
		for i, m := range n.members {
			if i > 0 {
				b.WriteByte(',')
			}
			if m.rawKey != "" {
				b.WriteString(m.rawKey)
			} else {
				b.WriteString(quoteJSON(m.key))
			}
			b.WriteByte(':')
			m.value.write(b)
		}
		b.WriteByte('}')
	case 'a':
		b.WriteByte('[')
		for i, item := range n.items {
			if i > 0 {
				b.WriteByte(',')
			}
			item.write(b)
		}
		b.WriteByte(']')
	case 's':
		if n.raw != "" {
			b.WriteString(n.raw)
		} else {
			b.WriteString(quoteJSON(n.text))
		}
	default:
		b.WriteString(n.text)
	}
}

// place is a value somewhere in a tree: its path and how to replace it.
type place struct {
	path   string
	value  *node
	parent *node
	index  int
}

func places(root *node) []place {
	var all []place
	var walk func(n *node, path string, parent *node, index int)
	walk = func(n *node, path string, parent *node, index int) {
		all = append(all, place{path, n, parent, index})
		for i, m := range n.members {
			walk(m.value, path+"."+m.key, n, i)
		}
		for i, item := range n.items {
			walk(item, fmt.Sprintf("%s[%d]", path, i), n, i)
		}
	}
	walk(root, "$", nil, 0)
	return all
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func chance(r *rand.Rand, percent int) bool { return r.IntN(100) < percent }

// escapeJSON spells some characters as \u escapes: another spelling of the same text. keep is a prefix to leave alone.
func escapeJSON(r *rand.Rand, s, keep string) string {
	var b strings.Builder
	b.WriteByte('"')
	rest := s
	if keep != "" && strings.HasPrefix(s, keep) {
		quoted := quoteJSON(keep)
		b.WriteString(quoted[1 : len(quoted)-1])
		rest = s[len(keep):]
	}
	done := false
	for i, c := range rest {
		if c < 0x10000 && (chance(r, 30) || (!done && i >= len(rest)/2)) {
			done = true
			if chance(r, 50) {
				fmt.Fprintf(&b, `\u%04x`, c)
			} else {
				fmt.Fprintf(&b, `\u%04X`, c)
			}
		} else {
			quoted := quoteJSON(string(c))
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	b.WriteByte('"')
	return b.String()
}

// mutationTries bounds the search for a change that fits: an earlier one may have left nothing but a broken word.
const mutationTries = 300

// jsonMutator changes one thing in a JSON text. keep is a path prefix that must stay readable, for recorded cases.
type jsonMutator struct {
	r     *rand.Rand
	keep  string
	words []string // keys known to the format, to be put where they may not belong
}

// mutate changes the tree once and says what it did. Some changes do no harm.
func (j jsonMutator) mutate(root *node) string {
	r := j.r
	all := places(root)
	for range mutationTries {
		p := all[r.IntN(len(all))]
		v := p.value
		what := ""
		switch r.IntN(16) {
		case 0:
			what = j.repeatMember(v)
		case 1:
			what = j.unknownMember(v)
		case 2:
			if v.kind == 'o' && len(v.members) > 0 {
				i := r.IntN(len(v.members))
				what = "remove " + v.members[i].key
				v.members = append(v.members[:i:i], v.members[i+1:]...)
			}
		case 3:
			if p.parent != nil {
				what = "null"
				*v = *lit("null")
			}
		case 4:
			if p.parent != nil {
				other := pick(r, lit("0"), lit("true"), lit("false"), str(""), str("x"), list(), obj(), lit("1.5"), list(str("x")), list(lit("null")))
				what = "other type: " + string(other.encode())
				*v = *other
			}
		case 5:
			what = j.otherCase(v)
		case 6, 7:
			what = j.spellString(v)
		case 8:
			if v.kind == 'n' && len(v.text) > 0 && v.text[0] <= '9' {
				spelling := pick(r, "1.0", "1e3", "-0", "01", "1e400", "0x1", "+1", ".5", "1.", "9223372036854775807", "9223372036854775808",
					"-9223372036854775808", "9007199254740993", "1E+2", "0.1e1", "1e-1", v.text+".0", v.text+"e0", v.text+".5", "-1", "1e20", "1e21", "1_0")
				what = "number " + spelling
				v.text = spelling
			}
		case 9:
			what = j.brokenSyntax(v)
		case 10:
			if p.parent != nil && chance(r, 50) {
				what = "put into a list"
				*v = *list(v.clone())
			} else if v.kind == 'a' && len(v.items) == 1 {
				what = "taken out of its list"
				*v = *v.items[0]
			}
		case 11:
			if v.kind == 'o' && len(v.members) > 1 {
				a, b := r.IntN(len(v.members)), r.IntN(len(v.members))
				if a != b {
					what = "order of members"
					v.members[a], v.members[b] = v.members[b], v.members[a]
				}
			}
		case 12, 13:
			what = j.spellBytes(v)
		case 14:
			if v.kind == 'a' {
				switch r.IntN(4) {
				case 0:
					what = "empty list"
					v.items = nil
				case 1:
					if len(v.items) > 0 {
						what = "element twice"
						v.items = append(v.items, v.items[r.IntN(len(v.items))].clone())
					}
				case 2:
					what = "null element"
					v.items = append(v.items, lit("null"))
				case 3:
					what = "empty string element"
					v.items = append(v.items, str(""))
				}
			}
		case 15:
			if v.kind == 's' {
				s := pick(r, "", v.text+" ", " "+v.text, strings.ToUpper(v.text), v.text+"\u0000", v.text+"x", v.text+"/", v.text+"\n")
				if s != v.text {
					what = fmt.Sprintf("string %q", shorten(s))
					*v = node{kind: 's', text: s, bytes: v.bytes}
				}
			}
		}
		if what != "" {
			return p.path + ": " + what
		}
	}
	return "nothing to change"
}

func shorten(s string) string {
	if len(s) > 60 {
		return s[:50] + "…"
	}
	return s
}

func (j jsonMutator) repeatMember(v *node) string {
	if v.kind != 'o' || len(v.members) == 0 {
		return ""
	}
	m := v.members[j.r.IntN(len(v.members))]
	twin := member{key: m.key, value: m.value.clone()}
	what := "repeat " + m.key
	if chance(j.r, 40) && m.key != "" {
		twin.rawKey = escapeJSON(j.r, m.key, "")
		what += " spelled " + twin.rawKey
	}
	if chance(j.r, 20) {
		twin.value = pick(j.r, lit("null"), str("x"), obj(), list())
		what += " as " + string(twin.value.encode())
	}
	if chance(j.r, 50) {
		v.members = append(v.members, twin)
	} else {
		v.members = append([]member{twin}, v.members...)
	}
	return what
}

func (j jsonMutator) unknownMember(v *node) string {
	if v.kind != 'o' {
		return ""
	}
	key := pick(j.r, "x", "comment", "", "Type", "\u0000", "ſ")
	if len(j.words) > 0 && chance(j.r, 60) {
		key = pick(j.r, j.words...)
		if v.get(key) != nil {
			return ""
		}
	}
	value := pick(j.r, lit("null"), str(""), str("x"), obj(), list(), lit("1"), b64([]byte("x")), list(str("x")))
	v.add(key, value)
	return fmt.Sprintf("member %q: %s", key, value.encode())
}

func (j jsonMutator) otherCase(v *node) string {
	if v.kind != 'o' || len(v.members) == 0 {
		return ""
	}
	m := &v.members[j.r.IntN(len(v.members))]
	if m.key == "" {
		return ""
	}
	key := pick(j.r, strings.ToUpper(m.key), strings.ToLower(m.key), strings.ToUpper(m.key[:1])+m.key[1:], m.key+" ",
		strings.Replace(m.key, "s", "ſ", 1), strings.Replace(m.key, "k", "\u212a", 1))
	if key == m.key {
		return ""
	}
	what := fmt.Sprintf("key %q as %q", m.key, key)
	m.key, m.rawKey = key, ""
	return what
}

func (j jsonMutator) spellString(v *node) string {
	r := j.r
	if v.kind == 'o' && len(v.members) > 0 && chance(r, 50) {
		m := &v.members[r.IntN(len(v.members))]
		if m.key == "" {
			return ""
		}
		m.rawKey = escapeJSON(r, m.key, "")
		return "key spelled " + m.rawKey
	}
	if v.kind != 's' {
		return ""
	}
	usual := quoteJSON(v.text)
	switch r.IntN(8) {
	case 0, 1, 2, 3:
		v.raw = escapeJSON(r, v.text, j.keep)
		return "escaped string"
	default:
		tail := pick(r, "\xff", `\ud800`, `\udc00`, `\ud800\udc00`, `\ud800A`, "\t", "\x7f", `\u00e9`, "\xc3\xa9", "\xed\xa0\x80", `\/`, `\x41`, `\u12`, `\b`, "\x00", `\u0000`, "\xc0\xaf", `\'`)
		v.raw = usual[:len(usual)-1] + tail + `"`
		return fmt.Sprintf("string with %q", tail)
	}
}

func (j jsonMutator) spellBytes(v *node) string {
	if v.kind != 's' || !v.bytes {
		return ""
	}
	r := j.r
	data, err := base64.StdEncoding.DecodeString(v.text)
	if err != nil {
		return ""
	}
	return spellBase64(r, v, data)
}

// spellBase64 spells bytes in one of the ways that Go's encoding/json may or may not take for []byte.
func spellBase64(r *rand.Rand, v *node, data []byte) string {
	text := base64.StdEncoding.EncodeToString(data)
	middle := len(text) / 2
	*v = node{kind: 's', bytes: true}
	var what string
	switch r.IntN(14) {
	case 0:
		what, v.text = "newline in base64", text[:middle]+"\n"+text[middle:]
	case 1:
		what, v.text = "CRLF in base64", text[:middle]+"\r\n"+text[middle:]+"\n"
	case 2:
		what, v.text = "blank in base64", text[:middle]+" "+text[middle:]
	case 3:
		what, v.text = "no padding", base64.RawStdEncoding.EncodeToString(data)
	case 4:
		what, v.text = "URL-safe base64", base64.URLEncoding.EncodeToString(data)
	case 5:
		what, v.text = "bits under the padding", looseBase64(text)
	case 6:
		what, v.text = "padding twice", text+"="
	case 7:
		what, v.text = "text after base64", text+"A"
	case 8:
		what, v.text = "padding on its own line", strings.TrimRight(text, "=")+"\n"+strings.Repeat("=", strings.Count(text, "="))
	case 9:
		what, v.text = "empty base64", ""
	case 10:
		what, v.text = "tab in base64", text[:middle]+"\t"+text[middle:]
	default:
		numbers := make([]*node, len(data))
		for i, b := range data {
			numbers[i] = number(int64(b))
		}
		what = "list of numbers"
		if len(numbers) > 0 && chance(r, 60) {
			odd := pick(r, "null", "256", "-1", "1.0", "1e0", `"1"`, "1.5", "-0")
			numbers[r.IntN(len(numbers))] = lit(odd)
			what += " with " + odd
			if odd == "null" && chance(r, 60) { // a null stands for 0: put it where a 0 is, if there is one
				for i, b := range data {
					numbers[i] = number(int64(b))
					if b == 0 {
						numbers[i] = lit("null")
					}
				}
				what += " for 0"
			}
		}
		*v = *list(numbers...)
	}
	return what
}

// looseBase64 sets the bits of the last digit that encode nothing.
func looseBase64(text string) string {
	end := strings.TrimRight(text, "=")
	if len(end) == len(text) || end == "" {
		return text
	}
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := strings.IndexByte(digits, end[len(end)-1])
	return end[:len(end)-1] + string(digits[last|1]) + text[len(end):]
}

func (j jsonMutator) brokenSyntax(v *node) string {
	text := string(v.encode())
	var what string
	switch j.r.IntN(9) {
	case 0:
		if v.kind == 'o' || v.kind == 'a' {
			what, text = "comma at the end", text[:len(text)-1]+","+text[len(text)-1:]
		}
	case 1:
		what, text = "blanks around", "\n\t \r"+text+" \n"
	case 2:
		blank := pick(j.r, "\u00a0", "\f", "\v", "\ufeff", "\u2028", "\x00")
		what, text = fmt.Sprintf("odd blank %q", blank), blank+text
	case 3:
		what, text = "comment", "/* x */"+text
	case 4:
		depth := pick(j.r, 9980, 9990, 9997, 10000, 10001)
		what, text = fmt.Sprintf("%d lists deep", depth), strings.Repeat("[", depth)+strings.Repeat("]", depth)
	case 5:
		if v.kind == 's' {
			what, text = "single quotes", "'"+v.text+"'"
		}
	case 6:
		what, text = "missing", ""
	case 7:
		if v.kind == 'o' {
			what, text = "object not closed", text[:len(text)-1]
		}
	case 8:
		word := pick(j.r, "True", "NULL", "NaN", "undefined", "nul", "Infinity")
		what, text = word, word
	}
	if what != "" {
		*v = *lit(text)
	}
	return what
}

// respell changes only how something is spelled; mostly that does no harm.
func (j jsonMutator) respell(root *node) string {
	all := places(root)
	for range mutationTries {
		p := all[j.r.IntN(len(all))]
		v := p.value
		what := ""
		switch j.r.IntN(4) {
		case 0:
			what = j.spellBytes(v)
		case 1:
			if v.kind == 's' {
				v.raw = escapeJSON(j.r, v.text, j.keep)
				what = "escaped string"
			}
		case 2:
			if v.kind == 'o' && len(v.members) > 0 {
				m := &v.members[j.r.IntN(len(v.members))]
				m.rawKey = escapeJSON(j.r, m.key, "")
				what = "key spelled " + m.rawKey
			}
		case 3:
			if v.kind == 'o' && len(v.members) > 1 {
				j.r.Shuffle(len(v.members), func(i, k int) { v.members[i], v.members[k] = v.members[k], v.members[i] })
				what = "order of members"
			}
		}
		if what != "" {
			return p.path + ": " + what
		}
	}
	return "nothing to change"
}

// mutateText changes the finished text of a JSON document.
func (j jsonMutator) mutateText(text []byte) ([]byte, string) {
	switch j.r.IntN(8) {
	case 0:
		return append([]byte("\xef\xbb\xbf"), text...), "BOM"
	case 1:
		tail := pick(j.r, "{}", "x", "\x00", ",", "]", "null", "\f", "}")
		return append(text[:len(text):len(text)], tail...), fmt.Sprintf("%q after the end", tail)
	case 2:
		tail := pick(j.r, "\n", " ", "\r\n\t ")
		return append(text[:len(text):len(text)], tail...), "blanks after the end"
	case 3:
		if len(text) > 1 {
			return text[:j.r.IntN(len(text)-1)+1], "cut off"
		}
	case 4:
		if len(text) > 0 {
			changed := bytes.Clone(text)
			i := j.r.IntN(len(changed))
			changed[i] ^= 1 << j.r.IntN(8)
			return changed, fmt.Sprintf("bit flip at %d", i)
		}
	case 5:
		var indented bytes.Buffer
		if json.Indent(&indented, text, "", pick(j.r, "  ", "\t")) == nil {
			return indented.Bytes(), "indented"
		}
	case 6:
		return nil, "empty"
	}
	return append([]byte("\n"), text...), "newline before"
}
