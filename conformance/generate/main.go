// Program generate writes cases for the conformance run: images with signatures, policies, and cases.jsonl, the list of
// them. The same seed gives the same cases. Most cases are one change away from something that is accepted.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
)

// category makes one scene; share is how many cases it gets, compared with the others.
type category struct {
	name  string
	share int
	make  func(*scene)
}

var categories = []category{
	{"identity", 9, identityCase},
	{"scope", 8, scopeCase},
	{"policy", 12, policyCase},
	{"match", 8, matchCase},
	{"payload", 8, payloadCase},
	{"envelope", 7, envelopeCase},
	{"sigkey", 8, sigkeyCase},
	{"rekor", 8, rekorCase},
	{"fulcio", 8, fulcioCase},
	{"pki", 9, pkiCase},
	{"openpgp", 12, openpgpCase},
	{"pgpmessage", 6, pgpMessageCase},
	{"pgpkeyring", 6, pgpKeyringCase},
	{"manifest", 5, manifestCase},
	{"mixed", 5, mixedCase},
}

func main() {
	count := flag.Int("n", 2000, "how many cases")
	seed := flag.Uint64("seed", 1, "the seed")
	out := flag.String("out", "", "the directory to write to")
	only := flag.String("categories", "", "comma-separated categories (default all)")
	cache := flag.String("cache", "", "a file to keep slow-to-make key material in")
	flag.Parse()
	if *out == "" {
		fmt.Fprintln(os.Stderr, "usage: generate -out DIR [-n N] [-seed S] [-categories a,b] [-cache FILE]")
		os.Exit(2)
	}
	if err := run(*count, *seed, *out, *only, *cache); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func chosen(only string) ([]category, error) {
	if only == "" || only == "all" {
		return categories, nil
	}
	var some []category
next:
	for name := range strings.SplitSeq(only, ",") {
		for _, c := range categories {
			if c.name == name {
				some = append(some, c)
				continue next
			}
		}
		return nil, fmt.Errorf("there is no category %q", name)
	}
	return some, nil
}

// makeCase makes the case of this number. Two changes may not go together, such as one to a part that the other took
// away; then another pair is tried, so that the number still stands for one case.
func makeCase(to *store, c category, seed uint64, number int) testCase {
	for attempt := range 20 {
		if made, ok := tryCase(to, c, seed, number, attempt); ok {
			return made
		}
	}
	panic(fmt.Sprintf("category %s: no case %d can be made", c.name, number))
}

func tryCase(to *store, c category, seed uint64, number, attempt int) (made testCase, ok bool) {
	defer func() {
		if p := recover(); p != nil && os.Getenv("GENERATE_DEBUG") != "" {
			fmt.Fprintf(os.Stderr, "%s %d: %v\n%s", c.name, number, p, debug.Stack())
		}
	}()
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %d %d", c.name, number, attempt)
	s := newScene(to, rand.New(rand.NewPCG(seed, h.Sum64())))
	c.make(s)
	return s.finish(fmt.Sprintf("%s-%d-%d", c.name, seed, number), c.name), true
}

func run(count int, seed uint64, out, only, cache string) error {
	some, err := chosen(only)
	if err != nil {
		return err
	}
	if cache != "" {
		primes.open(cache)
	}
	to, err := newStore(out)
	if err != nil {
		return err
	}
	type job struct {
		c      category
		number int
		place  int
	}
	var jobs []job
	total := 0
	for _, c := range some {
		total += c.share
	}
	for i, c := range some {
		n := count * c.share / total
		if i == len(some)-1 {
			n = count - len(jobs)
		}
		for k := range n {
			jobs = append(jobs, job{c, k, len(jobs)})
		}
	}
	results := make([]testCase, len(jobs))
	queue := make(chan job)
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			for j := range queue {
				results[j.place] = makeCase(to, j.c, seed, j.number)
			}
		})
	}
	for _, j := range jobs {
		queue <- j
	}
	close(queue)
	workers.Wait()

	file, err := os.Create(filepath.Join(to.root, "cases.jsonl"))
	if err != nil {
		return err
	}
	defer file.Close()
	w := bufio.NewWriter(file)
	for _, c := range results {
		if _, err := w.Write(c.line()); err != nil {
			return err
		}
	}
	return w.Flush()
}
