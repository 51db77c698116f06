#!/bin/sh
# Prints the path of the pinned `node` or `bun`: the npm platform package where there is one,
# else what is on PATH. `sh scripts/tool.sh node` or `sh scripts/tool.sh bun`.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
case "$1" in
  node) candidates="$root/node_modules/node-*/bin/node" ;;
  bun) candidates="$root/node_modules/@oven/bun-*/bin/bun" ;;
  *) echo "usage: tool.sh node|bun" >&2; exit 2 ;;
esac
for candidate in $candidates; do
  if [ -x "$candidate" ]; then echo "$candidate"; exit 0; fi
done
command -v "$1" || { echo "no $1 for this platform: run 'npm ci', or install $1" >&2; exit 1; }
