# `make demo` shows the main job; `make test` proves it. CONTRIBUTING.md says what it needs; scripts/prerequisites.sh checks.
.PHONY: help setup prerequisites build test check unit demo conformance fuzz bench release install uninstall format clean
.DEFAULT_GOAL := help

NODE = $$(sh scripts/tool.sh node)
BUN = $$(sh scripts/tool.sh bun)
# Every src/**/*.ts, found by make itself.
below = $(foreach path,$(wildcard $(1)/*),$(path) $(call below,$(path)))
SOURCES := $(filter %.ts,$(call below,src))

# As the GNU coding standards name them. DESTDIR goes before everything, for whoever makes a package.
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
BASH_COMPLETIONS ?= $(DATADIR)/bash-completion/completions
ZSH_COMPLETIONS ?= $(DATADIR)/zsh/site-functions
FISH_COMPLETIONS ?= $(DATADIR)/fish/vendor_completions.d
MAN_PAGES := $(notdir $(wildcard man/*.1))

help:
	@echo "make demo         the main job on signed images in this repository"
	@echo "make test         lint, types, unused code, build and every test (VERBOSE=1 names those that pass too)"
	@echo "make unit         the tests only, of an earlier build (FILES=\"test/policy/parse-policy.test.ts ...\")"
	@echo "make build        dist/sealcheck (standalone), dist/sealcheck.mjs and dist/lib (the npm package)"
	@echo "make install      the executable, manual pages and completions (PREFIX=/usr/local DESTDIR=)"
	@echo "make uninstall    removes what make install put there (the same PREFIX and DESTDIR)"
	@echo "make setup        checks what this needs of the machine, and fetches the pinned packages"
	@echo "make fuzz         hostile inputs for every parser, led by coverage (SECONDS=60 SEED=1 TARGETS=policy,identity)"
	@echo "make conformance  random cases through this engine and containers/image (needs Go; N=2000 SEED=1 OPENPGP=all)"
	@echo "make bench        speed against skopeo and containers/image (needs Go, skopeo, gpg; BENCH=--images=100000)"
	@echo "make release      what is shipped, built twice and compared, with SBOM and checksums, in dist/release"
	@echo "make format       rewrite the sources in the house format"

prerequisites:
	@sh scripts/prerequisites.sh

setup: node_modules/.package-lock.json
# Of packages no script is run. After "|": checked each time, without making anything anew.
node_modules/.package-lock.json: package.json package-lock.json toolchain/package.json | prerequisites
	@npm ci --ignore-scripts --no-fund --no-audit --loglevel=error || \
	  { echo "setup: npm ci failed. It takes the pinned packages from npm's registry (npm config get registry)." >&2; exit 1; }
	@sh scripts/tool.sh check
	@touch $@

build: dist/sealcheck dist/sealcheck.mjs dist/lib/index.js

dist/lib/index.js: $(SOURCES) scripts/build-library.mjs tsconfig.build.json tsconfig.json node_modules/.package-lock.json
	$(NODE) scripts/build-library.mjs

dist/sealcheck: $(SOURCES) scripts/compile.sh package.json node_modules/.package-lock.json
	@mkdir -p dist
	@sh scripts/compile.sh dist/sealcheck

# One file for systems that have Node or Bun.
dist/sealcheck.mjs: $(SOURCES) scripts/bundle.ts package.json node_modules/.package-lock.json
	@mkdir -p dist
	$(BUN) scripts/bundle.ts src/bin.ts dist/sealcheck.mjs

check: setup
	node_modules/.bin/biome ci --error-on-warnings .
	node_modules/.bin/tsc -p tsconfig.json
	$(NODE) node_modules/knip/bin/knip.js --no-progress

unit: setup
	$(NODE) scripts/test.ts $(FILES)

test: check build unit

demo: build
	@sh demo/run.sh

conformance: build
	@sh conformance/run.sh

bench: build
	@sh bench/run.sh $(BENCH)

fuzz: setup
	@SECONDS=$(SECONDS) SEED=$(SEED) TARGETS=$(TARGETS) $(NODE) fuzz/run.ts

release:
	@sh scripts/release.sh

# Not stripped: strip(1) takes away the program and leaves the runtime.
install: build
	@mkdir -p "$(DESTDIR)$(BINDIR)" "$(DESTDIR)$(MANDIR)/man1" "$(DESTDIR)$(BASH_COMPLETIONS)" \
	  "$(DESTDIR)$(ZSH_COMPLETIONS)" "$(DESTDIR)$(FISH_COMPLETIONS)"
	install -m 755 dist/sealcheck "$(DESTDIR)$(BINDIR)/sealcheck"
	install -m 644 $(addprefix man/,$(MAN_PAGES)) "$(DESTDIR)$(MANDIR)/man1"
	install -m 644 completions/sealcheck.bash "$(DESTDIR)$(BASH_COMPLETIONS)/sealcheck"
	install -m 644 completions/_sealcheck "$(DESTDIR)$(ZSH_COMPLETIONS)/_sealcheck"
	install -m 644 completions/sealcheck.fish "$(DESTDIR)$(FISH_COMPLETIONS)/sealcheck.fish"

uninstall:
	rm -f "$(DESTDIR)$(BINDIR)/sealcheck" $(MAN_PAGES:%="$(DESTDIR)$(MANDIR)/man1/%") \
	  "$(DESTDIR)$(BASH_COMPLETIONS)/sealcheck" "$(DESTDIR)$(ZSH_COMPLETIONS)/_sealcheck" \
	  "$(DESTDIR)$(FISH_COMPLETIONS)/sealcheck.fish"

format: setup
	node_modules/.bin/biome check --write .

clean:
	rm -rf dist
