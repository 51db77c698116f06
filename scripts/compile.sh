#!/bin/sh
# Makes the standalone executable: `scripts/compile.sh OUTPUT`, from the root of the project.
#
# Twice: the first tells, on images of the tests, which functions a run needs; in the second their byte-code lies together, so
# that a run reads 600 KiB less of the file. Code is compiled later than usual: one verification is over before compiling
# pays (docs/performance.md). Every autoload is switched off: the executable must take nothing from the directory it runs in
# (docs/threat-model.md). koffi is for Node: here Bun calls the C library itself. pg-native, which pg would take instead of itself if it were told to, is not installed. Nor may the environment make openpgp.js print what it thinks to standard output.
set -eu
output=$1
bun=$(sh scripts/tool.sh bun)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

compile() {
  "$bun" build --compile --minify --bytecode --splitting --format=esm --compile-jit-policy=20 \
    --no-compile-autoload-dotenv --no-compile-autoload-bunfig \
    --no-compile-autoload-tsconfig --no-compile-autoload-package-json \
    --define 'process.env.NODE_ENV="production"' --external koffi --external pg-native \
    "$@" src/bin.ts
}

# learn POLICY IMAGE: the functions that the verification of this image runs, in $work/POLICY
learn() {
  sed "s|@FIXTURES@|$PWD/test/fixtures|g" "test/fixtures/policies/$1.json" >"$work/$1.json"
  BUN_BYTECODE_ORDER_OUT="$work/$1" "$work/first" verify-installable --policy "$work/$1.json" \
    --identity registry.example.com/vendor/app:1.0 "test/fixtures/images/$2" >"$work/log" 2>&1 || fail
}

fail() {
  cat "$work/log" >&2
  exit 1
}

compile --outfile "$work/first" >"$work/log" 2>&1 || fail
learn sigstore-key sigstore-key-tag
learn rhel-like gpg-release-oci
compile --bytecode-order="$work/sigstore-key,$work/rhel-like" --outfile "$output"
