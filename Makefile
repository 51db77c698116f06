# `make demo` shows the main job; `make test` proves it. Any Node >= 20 with npm is enough to start.
.PHONY: help setup build test check unit demo conformance fuzz bench release format clean
.DEFAULT_GOAL := help

NODE = $$(sh scripts/tool.sh node)
BUN = $$(sh scripts/tool.sh bun)
SOURCES := $(shell find src -name '*.ts')

help:
	@echo "make demo         the main job on signed images in this repository"
	@echo "make test         lint, types, unused code, build and every test"
	@echo "make build        dist/sealcheck (standalone) and dist/lib (the npm package)"
	@echo "make fuzz         hostile inputs for every parser, led by coverage (SECONDS=60 SEED=1 TARGETS=policy,identity)"
	@echo "make conformance  random cases through this engine and containers/image (needs Go; N=2000 SEED=1)"
	@echo "make bench        speed against skopeo and containers/image (needs Go, skopeo, gpg; BENCH=--images=100000)"
	@echo "make release      what is shipped, built twice and compared, with SBOM and checksums, in dist/release"
	@echo "make format       rewrite the sources in the house format"

setup: node_modules/.package-lock.json
node_modules/.package-lock.json: package.json package-lock.json toolchain/package.json
	npm ci --no-fund --no-audit --loglevel=error
	@touch $@

build: dist/sealcheck dist/sealcheck.mjs dist/lib/index.js

dist/lib/index.js: $(SOURCES) tsconfig.build.json tsconfig.json node_modules/.package-lock.json
	@mkdir -p dist && rm -rf dist/lib
	node_modules/.bin/tsc -p tsconfig.build.json
	@chmod +x dist/lib/bin.js

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

format: setup
	node_modules/.bin/biome check --write .

clean:
	rm -rf dist
