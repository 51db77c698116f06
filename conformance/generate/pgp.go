package main

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"crypto"
	"crypto/ed25519"
	"crypto/sha1"
	"crypto/sha256"
	_ "crypto/sha3"
	"encoding/binary"
	"fmt"
	"math/big"
	"time"

	"github.com/cloudflare/circl/sign/ed448"
	"github.com/dsnet/compress/bzip2"
	_ "golang.org/x/crypto/ripemd160" // one of the hashes of old signatures
)

// OpenPGP packets (RFC 4880, RFC 9580), built by hand so that every part can be made wrong.

const (
	hashMD5, hashSHA1, hashRIPEMD, hashSHA256, hashSHA384, hashSHA512, hashSHA224, hashSHA3256, hashSHA3512 = 1, 2, 3, 8, 9, 10, 11, 12, 14
)

var pgpHashes = map[byte]crypto.Hash{hashMD5: crypto.MD5, hashSHA1: crypto.SHA1, hashRIPEMD: crypto.RIPEMD160, hashSHA256: crypto.SHA256, hashSHA384: crypto.SHA384,
	hashSHA512: crypto.SHA512, hashSHA224: crypto.SHA224, hashSHA3256: crypto.SHA3_256, hashSHA3512: crypto.SHA3_512}

var (
	keyCreated    = uint32(date(2024, time.January, 1).Unix())
	signedAt      = uint32(date(2024, time.February, 1).Unix())
	farFuture     = uint32(date(2080, time.January, 1).Unix())
	pgpCurveOIDs  = curveOIDs
	ed25519PGPOID = "1.3.6.1.4.1.11591.15.1"
)

// pgpKey is a public-key packet's content with the private key behind it.
type pgpKey struct {
	*key
	algorithm byte
	created   uint32
	version   byte
	bits      int // of a point: prefix changes
}

func pgpKeyNamed(name string) *pgpKey {
	k := keyNamed(name)
	p := &pgpKey{key: k, created: keyCreated, version: 4}
	switch {
	case k.rsa != nil:
		p.algorithm = 1
	case k.dsa != nil:
		p.algorithm = 17
	case k.ec != nil:
		p.algorithm = 19
	case k.ed448 != nil:
		p.algorithm = 28
	default:
		p.algorithm = 22
	}
	return p
}

func mpi(n *big.Int) []byte {
	b := n.Bytes()
	return append([]byte{byte(n.BitLen() >> 8), byte(n.BitLen())}, b...)
}

func mpiBytes(b []byte) []byte { return mpi(new(big.Int).SetBytes(b)) }

func curveField(dotted string) []byte {
	der := oid(dotted)
	return der[1:] // length and content
}

func (k *pgpKey) material() []byte {
	switch k.algorithm {
	case 1, 3, 2:
		return append(mpi(k.rsa.N), mpi(big.NewInt(int64(k.rsa.E)))...)
	case 17:
		return bytes.Join([][]byte{mpi(k.dsa.p), mpi(k.dsa.q), mpi(k.dsa.g), mpi(k.dsa.y)}, nil)
	case 19:
		return append(curveField(pgpCurveOIDs[curveName(k.ec.curve)]), mpiBytes(k.ec.point())...)
	case 18:
		return append(append(curveField(pgpCurveOIDs[curveName(k.ec.curve)]), mpiBytes(k.ec.point())...), 3, 1, 8, 7)
	case 22:
		return append(curveField(ed25519PGPOID), mpiBytes(append([]byte{0x40}, k.ed.Public().(ed25519.PublicKey)...))...)
	case 27:
		return k.ed.Public().(ed25519.PublicKey)
	case 28:
		return k.ed448.Public().(ed448.PublicKey)
	default:
		return []byte{1, 2, 3}
	}
}

func (k *pgpKey) body() []byte {
	b := append([]byte{k.version}, binary.BigEndian.AppendUint32(nil, k.created)...)
	material := k.material()
	switch k.version {
	case 3:
		b = append(b, 0, 0, k.algorithm)
	case 6:
		b = append(append(b, k.algorithm), time4(uint32(len(material)))...)
	default:
		b = append(b, k.algorithm)
	}
	return append(b, material...)
}

func (k *pgpKey) hashed() []byte {
	body := k.body()
	if k.version == 6 {
		return append(append([]byte{0x9b}, time4(uint32(len(body)))...), body...)
	}
	return append([]byte{0x99, byte(len(body) >> 8), byte(len(body))}, body...)
}

func (k *pgpKey) fingerprint() []byte {
	if k.version == 6 {
		sum := sha256.Sum256(k.hashed())
		return sum[:]
	}
	sum := sha1.Sum(k.hashed())
	return sum[:]
}

func (k *pgpKey) id() []byte {
	if k.version == 6 {
		return k.fingerprint()[:8]
	}
	return k.fingerprint()[12:]
}

// signDigest gives the algorithm-specific fields of a signature packet.
func (k *pgpKey) signDigest(hash byte, digest []byte) []byte {
	switch {
	case k.rsa != nil:
		return mpiBytes(signRSA(k.rsa, pgpHashes[hash], digest))
	case k.dsa != nil:
		r, s := k.dsa.sign(digest, 0)
		return append(mpi(r), mpi(s)...)
	case k.ec != nil:
		r, s := k.ec.signECDSA(digest, 0)
		return append(mpi(r), mpi(s)...)
	case k.ed448 != nil:
		return ed448.Sign(k.ed448, digest, "")
	case k.algorithm == 27:
		return ed25519.Sign(k.ed, digest)
	default:
		sig := ed25519.Sign(k.ed, digest)
		return append(mpiBytes(sig[:32]), mpiBytes(sig[32:])...)
	}
}

// subpacket is one of a signature's subpackets; lengthBytes is how its length is spelled: 1 (as short as possible), 2 or 5.
type subpacket struct {
	kind        byte
	critical    bool
	data        []byte
	lengthBytes int
}

func (p subpacket) encode() []byte {
	kind := p.kind
	if p.critical {
		kind |= 0x80
	}
	n := len(p.data) + 1
	var length []byte
	switch {
	case p.lengthBytes == 5 || n >= 16320:
		length = append([]byte{255}, binary.BigEndian.AppendUint32(nil, uint32(n))...)
	case n >= 192:
		length = []byte{byte((n-192)>>8) + 192, byte(n - 192)}
	default:
		length = []byte{byte(n)}
	}
	return append(append(length, kind), p.data...)
}

func time4(t uint32) []byte { return binary.BigEndian.AppendUint32(nil, t) }

// signaturePacket is a signature while it is being made.
type signaturePacket struct {
	version  byte
	kind     byte
	signer   *pgpKey
	hash     byte
	created  uint32
	hashed   []subpacket
	unhashed []subpacket
	badCheck bool // the two bytes of the digest are wrong
	corrupt  bool // the signature is wrong
	fields   func([]byte) []byte
	noTime   bool
	over     []byte // what is signed, if not what its place says
	body     func([]byte) []byte
}

func newSignature(kind byte, signer *pgpKey, created uint32) *signaturePacket {
	s := &signaturePacket{version: 4, kind: kind, signer: signer, hash: hashSHA256, created: created}
	if signer.version == 6 {
		s.version = 6
		s.hashed = []subpacket{{kind: 33, data: append([]byte{6}, signer.fingerprint()...)}}
		return s
	}
	switch { // GnuPG wants a digest at least as long as the order
	case signer.ec != nil && signer.ec.curve.Params().BitSize > 384:
		s.hash = hashSHA512
	case signer.ec != nil && signer.ec.curve.Params().BitSize > 256:
		s.hash = hashSHA384
	}
	s.hashed = []subpacket{{kind: 33, data: append([]byte{4}, signer.fingerprint()...)}}
	s.unhashed = []subpacket{{kind: 16, data: signer.id()}}
	return s
}

func (s *signaturePacket) with(kind byte, data ...byte) *signaturePacket {
	s.hashed = append(s.hashed, subpacket{kind: kind, data: data})
	return s
}

func (s *signaturePacket) drop(kind byte) {
	for _, area := range []*[]subpacket{&s.hashed, &s.unhashed} {
		var kept []subpacket
		for _, p := range *area {
			if p.kind != kind {
				kept = append(kept, p)
			}
		}
		*area = kept
	}
}

func area(version byte, all []subpacket) []byte {
	var b []byte
	for _, p := range all {
		b = append(b, p.encode()...)
	}
	if version == 6 {
		return append(time4(uint32(len(b))), b...)
	}
	return append([]byte{byte(len(b) >> 8), byte(len(b))}, b...)
}

// salt is what a version 6 signature hashes first; as long as RFC 9580, section 9.5, says for its hash.
func (s *signaturePacket) salt() []byte {
	b := make([]byte, (pgpHashes[s.hash].Size()/2+7)/8*8)
	stream(fmt.Sprintf("salt %d %d %x", s.kind, s.created, s.signer.fingerprint())).Read(b)
	return b
}

// encode signs data and gives the packet's content.
func (s *signaturePacket) encode(data []byte) []byte {
	if s.over != nil {
		data = s.over
	}
	var head, trailer []byte
	if s.version == 3 {
		head = append(append([]byte{3, 5, s.kind}, time4(s.created)...), append(s.signer.id(), s.signer.algorithm, s.hash)...)
		trailer = append([]byte{s.kind}, time4(s.created)...)
	} else {
		hashed := s.hashed
		if !s.noTime {
			hashed = append([]subpacket{{kind: 2, data: time4(s.created)}}, hashed...)
		}
		head = append([]byte{s.version, s.kind, s.signer.algorithm, s.hash}, area(s.version, hashed)...)
		trailer = append(bytes.Clone(head), append([]byte{s.version, 0xff}, time4(uint32(len(head)))...)...)
	}
	var salt []byte
	if s.version == 6 {
		salt = s.salt()
	}
	digest := hashOf(pgpHashes[s.hash], bytes.Join([][]byte{salt, data, trailer}, nil))
	check := bytes.Clone(digest[:2])
	if s.badCheck {
		check[0] ^= 1
	}
	if s.version != 3 {
		head = append(head, area(s.version, s.unhashed)...)
	}
	if s.corrupt {
		digest[5] ^= 1
	}
	fields := s.signer.signDigest(s.hash, digest)
	if s.fields != nil {
		fields = s.fields(fields)
	}
	body := append(head, check...)
	if s.version == 6 {
		body = append(append(body, byte(len(salt))), salt...)
	}
	body = append(body, fields...)
	if s.body != nil {
		body = s.body(body)
	}
	return body
}

// onePass is the content of the one-pass packet that announces it, without its last octet.
func (s *signaturePacket) onePass() []byte {
	if s.version == 6 {
		salt := s.salt()
		return bytes.Join([][]byte{{6, s.kind, s.hash, s.signer.algorithm, byte(len(salt))}, salt, s.signer.fingerprint()}, nil)
	}
	return append([]byte{3, s.kind, s.hash, s.signer.algorithm}, s.signer.id()...)
}

// packet frames a packet; old is the old format. partial cuts the content into chunks, of the new format only.
func packet(tag byte, old bool, content []byte) []byte {
	n := len(content)
	if old && tag < 16 {
		switch {
		case n < 256:
			return append([]byte{0x80 | tag<<2, byte(n)}, content...)
		case n < 65536:
			return append([]byte{0x81 | tag<<2, byte(n >> 8), byte(n)}, content...)
		}
		return append(append([]byte{0x82 | tag<<2}, time4(uint32(n))...), content...)
	}
	var length []byte
	switch {
	case n < 192:
		length = []byte{byte(n)}
	case n < 8384:
		length = []byte{byte((n-192)>>8) + 192, byte(n - 192)}
	default:
		length = append([]byte{255}, time4(uint32(n))...)
	}
	return append(append([]byte{0xc0 | tag}, length...), content...)
}

func partialPacket(tag byte, content []byte, chunkBits int) []byte {
	b := []byte{0xc0 | tag}
	size := 1 << chunkBits
	for len(content) > size {
		b = append(append(b, 224|byte(chunkBits)), content[:size]...)
		content = content[size:]
	}
	last := packet(tag, false, content)
	return append(b, last[1:]...)
}

func compress(algorithm int, data []byte) []byte {
	var b bytes.Buffer
	b.WriteByte(byte(algorithm))
	switch algorithm {
	case 1:
		w, _ := flate.NewWriter(&b, 6)
		w.Write(data)
		w.Close()
	case 2:
		w := zlib.NewWriter(&b)
		w.Write(data)
		w.Close()
	case 3:
		w, _ := bzip2.NewWriter(&b, nil)
		w.Write(data)
		w.Close()
	default:
		b.Write(data)
	}
	return b.Bytes()
}

// pgpMessage is a signed message while it is being made.
type pgpMessage struct {
	content     []byte
	signed      []byte // what is signed, if not the content
	signatures  []*signaturePacket
	oldFormat   bool
	compression int // 0 none
	nested      int // further compression around it
	literalKind byte
	literalName string
	literalTime uint32
	onePass     func(i int, body []byte) []byte
	parts       func(parts [][]byte) [][]byte // one-pass packets, literal, signatures
	partial     int                           // bits of a chunk of the literal, 0 for none
	finished    func([]byte) []byte
}

func newPGPMessage(signer *pgpKey, content []byte) *pgpMessage {
	return &pgpMessage{content: content, signatures: []*signaturePacket{newSignature(0, signer, signedAt)}, literalKind: 'b', oldFormat: true}
}

func canonicalText(b []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
}

// pieces makes packets of the message as it is.
func (m *pgpMessage) pieces() []*piece {
	var pieces []*piece
	add := func(p *piece) {
		p.old = m.oldFormat
		pieces = append(pieces, p)
	}
	signed := m.signed
	if signed == nil {
		signed = m.content
	}
	for i, s := range m.signatures {
		last := byte(0)
		if i == len(m.signatures)-1 {
			last = 1
		}
		body := append(s.onePass(), last)
		if m.onePass != nil {
			body = m.onePass(i, body)
		}
		add(pieceOf(4, body, "the one-pass packet"))
	}
	content := append(append([]byte{m.literalKind, byte(len(m.literalName))}, m.literalName...), append(time4(m.literalTime), m.content...)...)
	literal := pieceOf(11, content, "the literal")
	if m.partial > 0 {
		literal.header = func(tag byte, content []byte) []byte { return partialPacket(tag, content, m.partial) }
	}
	add(literal)
	for i := len(m.signatures) - 1; i >= 0; i-- {
		data := signed
		if m.signatures[i].kind == 1 {
			data = canonicalText(signed)
		}
		add(pieceOf(2, m.signatures[i].encode(data), "the signature"))
	}
	return pieces
}

func (m *pgpMessage) bytes() []byte {
	parts := encodeEach(m.pieces())
	if m.parts != nil {
		parts = m.parts(parts)
	}
	b := bytes.Join(parts, nil)
	if m.compression > 0 {
		b = packet(8, m.oldFormat, compress(m.compression, b))
	}
	for range m.nested {
		b = packet(8, m.oldFormat, compress(1, b))
	}
	if m.finished != nil {
		b = m.finished(b)
	}
	return b
}

// userID of a key in a keyring, with the signatures on it.
type userID struct {
	text       string
	attribute  bool
	signatures []*signaturePacket
	raw        [][]byte // further packets after them
}

type subkey struct {
	key      *pgpKey
	bindings []*signaturePacket
}

// keyring is the public key of one owner while it is being made.
type keyring struct {
	primary *pgpKey
	direct  []*signaturePacket
	users   []*userID
	subkeys []*subkey
	old     bool
	packets func([][]byte) [][]byte
	text    func([]byte) []byte
}

func selfSignature(k *pgpKey) *signaturePacket {
	return newSignature(0x13, k, keyCreated).with(27, 3).with(11, 9, 8, 7).with(21, 8, 9, 10).with(30, 1)
}

func newKeyring(k *pgpKey) *keyring {
	if k.version == 6 { // what the key may do is said by a signature on the key itself
		direct := newSignature(0x1f, k, keyCreated).with(27, 3).with(11, 9, 8, 7).with(21, 8, 9, 10).with(30, 1)
		user := &userID{text: "Conformance " + k.name + " <test@example.com>", signatures: []*signaturePacket{newSignature(0x13, k, keyCreated)}}
		return &keyring{primary: k, direct: []*signaturePacket{direct}, users: []*userID{user}}
	}
	return &keyring{primary: k, old: true, users: []*userID{{text: "Conformance " + k.name + " <test@example.com>", signatures: []*signaturePacket{selfSignature(k)}}}}
}

// addSubkey adds a signing subkey with the back signature that proves it.
func (r *keyring) addSubkey(k *pgpKey) *subkey {
	binding := newSignature(0x18, r.primary, keyCreated).with(27, 2)
	back := newSignature(0x19, k, keyCreated)
	binding.hashed = append(binding.hashed, subpacket{kind: 32, data: back.encode(append(r.primary.hashed(), k.hashed()...))})
	s := &subkey{k, []*signaturePacket{binding}}
	r.subkeys = append(r.subkeys, s)
	return s
}

func (u *userID) hashed() []byte {
	tag := byte(0xb4)
	if u.attribute {
		tag = 0xd1
	}
	return append(append([]byte{tag}, time4(uint32(len(u.text)))...), u.text...)
}

// pieces makes packets of the keyring as it is.
func (r *keyring) pieces() []*piece {
	r.distinctTimes()
	var pieces []*piece
	add := func(tag byte, content []byte, format string, args ...any) {
		p := pieceOf(tag, content, format, args...)
		p.old = r.old
		pieces = append(pieces, p)
	}
	add(6, r.primary.body(), "the key")
	for _, s := range r.direct {
		add(2, s.encode(r.primary.hashed()), "a signature on the key")
	}
	for i, u := range r.users {
		tag, what := byte(13), "user ID"
		if u.attribute {
			tag, what = 17, "attribute"
		}
		add(tag, []byte(u.text), "%s %d", what, i+1)
		for _, s := range u.signatures {
			add(2, s.encode(append(r.primary.hashed(), u.hashed()...)), "a signature on %s %d", what, i+1)
		}
		for _, raw := range u.raw {
			pieces = append(pieces, &piece{name: "a packet", raw: raw})
		}
	}
	for i, sub := range r.subkeys {
		add(14, sub.key.body(), "subkey %d", i+1)
		for _, s := range sub.bindings {
			add(2, s.encode(append(r.primary.hashed(), sub.key.hashed()...)), "a signature on subkey %d", i+1)
		}
	}
	return pieces
}

func (r *keyring) bytes() []byte {
	parts := encodeEach(r.pieces())
	if r.packets != nil {
		parts = r.packets(parts)
	}
	b := bytes.Join(parts, nil)
	if r.text != nil {
		b = r.text(b)
	}
	return b
}

func crc24(b []byte) uint32 {
	crc := uint32(0xb704ce)
	for _, x := range b {
		crc ^= uint32(x) << 16
		for range 8 {
			crc <<= 1
			if crc&0x1000000 != 0 {
				crc ^= 0x1864cfb
			}
		}
	}
	return crc & 0xffffff
}

func armor(kind string, data []byte, headers string, checksum bool) []byte {
	a := newArmored(kind, data, 64)
	a.headers = headers
	if !checksum {
		a.checksum = ""
	}
	return a.encode()
}

func simplePayload(reference, digest string) *node {
	return obj("critical", obj("identity", obj("docker-reference", str(reference)), "image", obj("docker-manifest-digest", str(digest)),
		"type", str("atomic container signature")),
		"optional", obj("creator", str("conformance"), "timestamp", number(loggedAt)))
}
