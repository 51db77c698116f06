#!/bin/sh
# Prints the path of the pinned `node` or `bun`: the npm platform package where there is one, else what is on PATH.
# `sh scripts/tool.sh node` or `sh scripts/tool.sh bun`; `sh scripts/tool.sh check` says whether both run here.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)

find_tool() {
  case "$1" in
    node) candidates="$root/node_modules/node-*/bin/node" ;;
    bun) candidates="$root/node_modules/@oven/bun-*/bin/bun" ;;
  esac
  for candidate in $candidates; do
    if [ -x "$candidate" ]; then echo "$candidate"; return; fi
  done
  command -v "$1" || { echo "no $1 for this platform: run 'npm ci', or install $1" >&2; exit 1; }
}

case "${1-}" in
  node | bun) find_tool "$1" ;;
  check)
    for name in node bun; do
      tool=$(find_tool "$name")
      # The packages for Linux are for glibc.
      "$tool" --version >/dev/null 2>&1 || { echo "setup: $tool does not run on this machine" >&2; exit 1; }
    done
    # Where there is no package of Node (macOS), that on PATH runs the tools, which are TypeScript.
    "$(find_tool node)" -p 'process.features.typescript || process.exit(1)' >/dev/null 2>&1 ||
      { echo "setup: $(find_tool node) cannot run TypeScript: install Node 22.18 or newer" >&2; exit 1; }
    ;;
  *) echo "usage: tool.sh node|bun|check" >&2; exit 2 ;;
esac
