package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"sync"
)

// store writes what cases are made of. Names come from the content, so that equal files are written once.
type store struct {
	root    string
	mutex   sync.Mutex
	written map[string]bool
}

func newStore(root string) (*store, error) {
	absolute, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(absolute, 0o755); err != nil {
		return nil, err
	}
	absolute, err = filepath.EvalSymlinks(absolute)
	return &store{root: absolute, written: map[string]bool{}}, err
}

func shortHash(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// claim tells whether the caller is the first to write this path.
func (s *store) claim(path string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.written[path] {
		return false
	}
	s.written[path] = true
	return true
}

// file writes content and returns its absolute path.
func (s *store) file(folder, extension string, content []byte) string {
	path := filepath.Join(s.root, folder, shortHash(content)+extension)
	if s.claim(path) {
		must(os.MkdirAll(filepath.Dir(path), 0o755))
		must(os.WriteFile(path, content, 0o644))
	}
	return path
}

// entry is one file of a directory: content, or a link, or a folder.
type entry struct {
	content []byte
	link    string
	folder  bool
}

// directory writes a folder with these entries and returns its absolute path.
func (s *store) directory(folder string, entries map[string]entry) string {
	names := make([]string, 0, len(entries))
	for name := range entries {
		names = append(names, name)
	}
	sort.Strings(names)
	var parts [][]byte
	for _, name := range names {
		e := entries[name]
		kind := "file"
		if e.link != "" {
			kind = "link " + e.link
		} else if e.folder {
			kind = "folder"
		}
		parts = append(parts, []byte(name), []byte(kind), e.content)
	}
	path := filepath.Join(s.root, folder, shortHash(parts...))
	if s.claim(path) {
		must(os.MkdirAll(path, 0o755))
		for _, name := range names {
			e, at := entries[name], filepath.Join(path, name)
			switch {
			case e.link != "":
				os.Remove(at)
				must(os.Symlink(e.link, at))
			case e.folder:
				must(os.MkdirAll(at, 0o755))
			default:
				must(os.WriteFile(at, e.content, 0o644))
			}
		}
	}
	return path
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// testCase is a line of cases.jsonl.
type testCase struct {
	ID            string   `json:"id"`
	Category      string   `json:"category"`
	Mutations     []string `json:"mutations"`
	Identity      string   `json:"identity"`
	Source        string   `json:"source"`
	Policy        string   `json:"policy"`
	RequireSigned bool     `json:"requireSigned,omitempty"`
	// OpenPGP tells that the verdict may depend on the OpenPGP back end: only then all builds need to be asked.
	OpenPGP bool `json:"openpgp,omitempty"`
	// PolicyForGoCrypto names the same keys in a way that go-crypto loads as GnuPG loads those of Policy.
	PolicyForGoCrypto string `json:"policyForGoCrypto,omitempty"`
	// Volatile tells that the verdict will be another one before 2060: such a case is replayed only where a clock can be set.
	Volatile bool `json:"volatile,omitempty"`
}

func (c testCase) line() []byte {
	text, err := json.Marshal(c)
	must(err)
	return append(text, '\n')
}
