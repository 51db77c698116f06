package main

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	randv2 "math/rand/v2"
	"os"
	"path/filepath"
	"sync"

	"github.com/ProtonMail/go-crypto/bitcurves"
	"github.com/ProtonMail/go-crypto/brainpool"
	"github.com/cloudflare/circl/sign/ed448"
)

// Keys depend on their names alone, not on the seed of a run: the same name is the same key everywhere. They are made by
// hand from a stream of numbers, because Go's own generators do not let themselves be seeded. They protect nothing.

type ecKey struct {
	curve elliptic.Curve
	d     *big.Int
	x, y  *big.Int
}

type dsaKey struct{ p, q, g, x, y *big.Int }

// key is a private key of some kind; exactly one of the fields is set.
type key struct {
	name string
	rsa  *rsa.PrivateKey
	ec   *ecKey
	ed   ed25519.PrivateKey
	dsa  *dsaKey

	ed448 ed448.PrivateKey
}

func stream(name string) *randv2.ChaCha8 {
	return randv2.NewChaCha8(sha256.Sum256([]byte("sealcheck conformance: " + name)))
}

func randomBits(from *randv2.ChaCha8, bitCount int) *big.Int {
	b := make([]byte, (bitCount+7)/8)
	from.Read(b)
	n := new(big.Int).SetBytes(b)
	return n.Rsh(n, uint(len(b)*8-bitCount))
}

// primes keeps what is slow to find between runs.
type primeStore struct {
	sync.Mutex
	file  string
	found map[string]string
}

var primes = primeStore{found: map[string]string{}}

func (s *primeStore) open(file string) {
	s.file = file
	if text, err := os.ReadFile(file); err == nil {
		json.Unmarshal(text, &s.found) // a broken cache is an empty one
	}
}

func (s *primeStore) get(name string, find func() *big.Int) *big.Int {
	s.Lock()
	defer s.Unlock()
	if text, ok := s.found[name]; ok {
		if n, ok := new(big.Int).SetString(text, 16); ok {
			return n
		}
	}
	n := find()
	s.found[name] = n.Text(16)
	if s.file != "" {
		if text, err := json.Marshal(s.found); err == nil {
			os.MkdirAll(filepath.Dir(s.file), 0o755)
			os.WriteFile(s.file, text, 0o644)
		}
	}
	return n
}

func prime(name string, bitCount int) *big.Int { return primeFor(name, bitCount, 65537) }

// primeFor finds a prime for RSA with this exponent.
func primeFor(name string, bitCount int, exponent int64) *big.Int {
	return primes.get(fmt.Sprintf("%s/%d", name, bitCount), func() *big.Int {
		from := stream("prime " + name)
		for {
			n := randomBits(from, bitCount)
			n.SetBit(n, bitCount-1, 1).SetBit(n, bitCount-2, 1).SetBit(n, 0, 1)
			minusOne := new(big.Int).Sub(n, big.NewInt(1))
			if n.ProbablyPrime(12) && new(big.Int).GCD(nil, nil, minusOne, big.NewInt(exponent)).Cmp(big.NewInt(1)) == 0 {
				return n
			}
		}
	})
}

func newRSA(name string, size int) *key { return newRSAWith(name, size, 65537) }

func newRSAWith(name string, size int, exponent int64) *key {
	p, q := primeFor(name+" p", (size+1)/2, exponent), primeFor(name+" q", size/2, exponent)
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	k := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: int(exponent)}, Primes: []*big.Int{p, q}}
	k.D = new(big.Int).ModInverse(big.NewInt(exponent), phi)
	if isOrdinary(k) {
		k.Precompute()
		if err := k.Validate(); err != nil {
			panic(err)
		}
	}
	return &key{name: name, rsa: k}
}

// isOrdinary tells whether Go's own RSA would work with the key.
func isOrdinary(k *rsa.PrivateKey) bool { return k.N.BitLen() >= 1024 && k.E == 65537 }

// signRSA is PKCS #1 v1.5 for keys that Go's own code refuses as well.
func signRSA(k *rsa.PrivateKey, h crypto.Hash, digest []byte) []byte {
	if isOrdinary(k) {
		sig, err := rsa.SignPKCS1v15(nil, k, h, digest)
		if err != nil {
			panic(err)
		}
		return sig
	}
	info := seq(seq(oid(hashOIDs[h]), derNull), octets(digest))
	size := (k.N.BitLen() + 7) / 8
	m := append([]byte{0, 1}, bytes.Repeat([]byte{0xff}, size-3-len(info))...)
	m = append(append(m, 0), info...)
	return new(big.Int).Exp(new(big.Int).SetBytes(m), k.D, k.N).FillBytes(make([]byte, size))
}

var hashOIDs = map[crypto.Hash]string{crypto.MD5: "1.2.840.113549.2.5", crypto.SHA1: "1.3.14.3.2.26", crypto.RIPEMD160: "1.3.36.3.2.1",
	crypto.SHA256: "2.16.840.1.101.3.4.2.1", crypto.SHA384: "2.16.840.1.101.3.4.2.2", crypto.SHA512: "2.16.840.1.101.3.4.2.3",
	crypto.SHA224: "2.16.840.1.101.3.4.2.4", crypto.SHA3_256: "2.16.840.1.101.3.4.2.8", crypto.SHA3_512: "2.16.840.1.101.3.4.2.10"}

func newEC(name string, curve elliptic.Curve) *key {
	n := curve.Params().N
	d := new(big.Int).Mod(randomBits(stream("ec "+name), n.BitLen()+64), n)
	x, y := curve.ScalarBaseMult(d.Bytes())
	return &key{name: name, ec: &ecKey{curve, d, x, y}}
}

func newEd(name string) *key {
	seed := make([]byte, ed25519.SeedSize)
	stream("ed " + name).Read(seed)
	return &key{name: name, ed: ed25519.NewKeyFromSeed(seed)}
}

func newEd448(name string) *key {
	seed := make([]byte, ed448.SeedSize)
	stream("ed448 " + name).Read(seed)
	return &key{name: name, ed448: ed448.NewKeyFromSeed(seed)}
}

func newDSA(name string, pBits, qBits int) *key {
	q := prime(name+" dsa q", qBits)
	p := primes.get(fmt.Sprintf("%s dsa p/%d", name, pBits), func() *big.Int {
		from := stream("dsa p " + name)
		for {
			n := randomBits(from, pBits)
			n.SetBit(n, pBits-1, 1)
			n.Sub(n, new(big.Int).Mod(n, new(big.Int).Lsh(q, 1))).Add(n, big.NewInt(1)) // n = 1 mod 2q
			if n.BitLen() == pBits && n.ProbablyPrime(12) {
				return n
			}
		}
	})
	g := new(big.Int).Exp(big.NewInt(2), new(big.Int).Div(new(big.Int).Sub(p, big.NewInt(1)), q), p)
	x := new(big.Int).Mod(randomBits(stream("dsa x "+name), qBits+64), q)
	return &key{name: name, dsa: &dsaKey{p, q, g, x, new(big.Int).Exp(g, x, p)}}
}

var (
	keyMutex sync.Mutex
	keys     = map[string]*key{}
)

// keyKinds maps the first word of a key's name to how it is made.
var keyKinds = map[string]func(name string) *key{
	"rsa1024":    func(n string) *key { return newRSA(n, 1024) },
	"rsa1536":    func(n string) *key { return newRSA(n, 1536) },
	"rsa2048":    func(n string) *key { return newRSA(n, 2048) },
	"rsa768":     func(n string) *key { return newRSA(n, 768) },
	"rsa1023":    func(n string) *key { return newRSA(n, 1023) },
	"rsa2047":    func(n string) *key { return newRSA(n, 2047) },
	"rsa2049":    func(n string) *key { return newRSA(n, 2049) },
	"rsae3":      func(n string) *key { return newRSAWith(n, 2048, 3) },
	"rsae17":     func(n string) *key { return newRSAWith(n, 2048, 17) },
	"rsae24":     func(n string) *key { return newRSAWith(n, 2048, 1<<24-3) },
	"rsae32":     func(n string) *key { return newRSAWith(n, 2048, 1<<32+15) },
	"rsae31":     func(n string) *key { return newRSAWith(n, 2048, 1<<31-1) },
	"rsa3072":    func(n string) *key { return newRSA(n, 3072) },
	"rsa4096":    func(n string) *key { return newRSA(n, 4096) },
	"p224":       func(n string) *key { return newEC(n, elliptic.P224()) },
	"p256":       func(n string) *key { return newEC(n, elliptic.P256()) },
	"p384":       func(n string) *key { return newEC(n, elliptic.P384()) },
	"p521":       func(n string) *key { return newEC(n, elliptic.P521()) },
	"bp256":      func(n string) *key { return newEC(n, brainpool.P256r1()) },
	"bp384":      func(n string) *key { return newEC(n, brainpool.P384r1()) },
	"bp512":      func(n string) *key { return newEC(n, brainpool.P512r1()) },
	"secp256k1":  func(n string) *key { return newEC(n, bitcurves.S256()) },
	"ed25519":    newEd,
	"ed448":      newEd448,
	"dsa1024":    func(n string) *key { return newDSA(n, 1024, 160) },
	"dsa2048":    func(n string) *key { return newDSA(n, 2048, 256) },
	"dsa3072":    func(n string) *key { return newDSA(n, 3072, 256) },
	"dsa2048224": func(n string) *key { return newDSA(n, 2048, 224) },
}

// keyNamed is the key of a name such as "p256-a": the kind, a dash, and which one of the kind.
func keyNamed(name string) *key {
	keyMutex.Lock()
	defer keyMutex.Unlock()
	if k, ok := keys[name]; ok {
		return k
	}
	kind := name
	for i := range name {
		if name[i] == '-' {
			kind = name[:i]
			break
		}
	}
	k := keyKinds[kind](name)
	keys[name] = k
	return k
}

var curveOIDs = map[string]string{
	"P-224": "1.3.132.0.33", "P-256": "1.2.840.10045.3.1.7", "P-384": "1.3.132.0.34", "P-521": "1.3.132.0.35",
	"brainpoolP256r1": "1.3.36.3.3.2.8.1.1.7", "brainpoolP384r1": "1.3.36.3.3.2.8.1.1.11",
	"brainpoolP512r1": "1.3.36.3.3.2.8.1.1.13", "secp256k1": "1.3.132.0.10",
}

func curveName(c elliptic.Curve) string {
	if c == bitcurves.S256() {
		return "secp256k1"
	}
	return c.Params().Name
}

func (k *ecKey) size() int { return (k.curve.Params().BitSize + 7) / 8 }

// point is the uncompressed public point; prefix 4 as usual, or the hybrid 6 and 7.
func (k *ecKey) point() []byte {
	size := k.size()
	b := make([]byte, 1+2*size)
	b[0] = 4
	k.x.FillBytes(b[1 : 1+size])
	k.y.FillBytes(b[1+size:])
	return b
}

func (k *ecKey) compressed() []byte {
	b := k.point()[:1+k.size()]
	b[0] = 2 + byte(k.y.Bit(0))
	return b
}

var rsaAlgorithm = seq(oid("1.2.840.113549.1.1.1"), derNull)

func (k *key) pkcs1() []byte { return seq(integer(k.rsa.N), small(int64(k.rsa.E))) }

// spki is the SubjectPublicKeyInfo.
func (k *key) spki() []byte {
	switch {
	case k.rsa != nil:
		return seq(rsaAlgorithm, bits(k.pkcs1()))
	case k.ec != nil:
		return seq(k.ecAlgorithm(), bits(k.ec.point()))
	case k.ed != nil:
		return seq(seq(oid("1.3.101.112")), bits(k.ed.Public().(ed25519.PublicKey)))
	default:
		return seq(seq(oid("1.2.840.10040.4.1"), seq(integer(k.dsa.p), integer(k.dsa.q), integer(k.dsa.g))), bits(integer(k.dsa.y)))
	}
}

func (k *key) ecAlgorithm() []byte {
	return seq(oid("1.2.840.10045.2.1"), oid(curveOIDs[curveName(k.ec.curve)]))
}

func pemText(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func (k *key) publicPEM() []byte { return pemText("PUBLIC KEY", k.spki()) }

// signECDSA is plain ECDSA with a number once used that depends on key, digest and salt alone.
func (k *ecKey) signECDSA(digest []byte, salt byte) (r, s *big.Int) {
	n := k.curve.Params().N
	z := new(big.Int).SetBytes(digest)
	if excess := len(digest)*8 - n.BitLen(); excess > 0 {
		z.Rsh(z, uint(excess))
	}
	for i := 0; ; i++ {
		nonce := stream(fmt.Sprintf("nonce %x %x %d %d", k.d, digest, salt, i))
		t := new(big.Int).Mod(randomBits(nonce, n.BitLen()+64), n)
		if t.Sign() == 0 {
			continue
		}
		x, _ := k.curve.ScalarBaseMult(t.Bytes())
		r = new(big.Int).Mod(x, n)
		s = new(big.Int).Mul(r, k.d)
		s.Add(s, z).Mul(s, new(big.Int).ModInverse(t, n)).Mod(s, n)
		if r.Sign() != 0 && s.Sign() != 0 {
			return r, s
		}
	}
}

func (k *dsaKey) sign(digest []byte, salt byte) (r, s *big.Int) {
	if size := (k.q.BitLen() + 7) / 8; len(digest) > size {
		digest = digest[:size]
	}
	z := new(big.Int).SetBytes(digest)
	for i := 0; ; i++ {
		nonce := stream(fmt.Sprintf("dsa nonce %x %x %d %d", k.x, digest, salt, i))
		t := new(big.Int).Mod(randomBits(nonce, k.q.BitLen()+64), k.q)
		if t.Sign() == 0 {
			continue
		}
		r = new(big.Int).Mod(new(big.Int).Exp(k.g, t, k.p), k.q)
		s = new(big.Int).Mul(r, k.x)
		s.Add(s, z).Mul(s, new(big.Int).ModInverse(t, k.q)).Mod(s, k.q)
		if r.Sign() != 0 && s.Sign() != 0 {
			return r, s
		}
	}
}

func hashOf(h crypto.Hash, data []byte) []byte {
	w := h.New()
	w.Write(data)
	return w.Sum(nil)
}

// signWith signs a message in the way of X.509 and sigstore: ASN.1 for ECDSA, PKCS#1 v1.5 for RSA, Ed25519 on the message.
func (k *key) signWith(h crypto.Hash, message []byte) []byte {
	switch {
	case k.ed != nil:
		return ed25519.Sign(k.ed, message)
	case k.rsa != nil:
		sig, err := rsa.SignPKCS1v15(nil, k.rsa, h, hashOf(h, message))
		if err != nil {
			panic(err)
		}
		return sig
	case k.ec != nil:
		r, s := k.ec.signECDSA(hashOf(h, message), 0)
		return seq(integer(r), integer(s))
	default:
		r, s := k.dsa.sign(hashOf(h, message), 0)
		return seq(integer(r), integer(s))
	}
}

// signPSS is an RSA-PSS signature, which needs random numbers: they come from the message.
func (k *key) signPSS(h crypto.Hash, message []byte) []byte {
	sig, err := rsa.SignPSS(stream(fmt.Sprintf("pss %x", hashOf(h, message))), k.rsa, h, hashOf(h, message),
		&rsa.PSSOptions{SaltLength: h.Size()})
	if err != nil {
		panic(err)
	}
	return sig
}

func (k *key) sign(message []byte) []byte { return k.signWith(crypto.SHA256, message) }
