#!/bin/sh
# Random cases through sealcheck and through containers/image; see README.md beside this file.
# N=2000 SEED=1 CATEGORIES=all RUNTIME=exe|node RECORD=DIR conformance/run.sh
# SEALCHECK=FILE asks another executable than that of RUNTIME.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname -- "$here")
bin=$here/bin
N=${N:-2000} SEED=${SEED:-1} CATEGORIES=${CATEGORIES:-all} RUNTIME=${RUNTIME:-exe} RECORD=${RECORD:-}

node=$(sh "$root/scripts/tool.sh" node)
command -v go >/dev/null 2>&1 || {
  echo "conformance: Go is not installed. It builds the reference; 'make test' replays recorded cases without it." >&2
  exit 1
}
case "${SEALCHECK:+other}$RUNTIME" in
  other*) set -- "$SEALCHECK" batch ;;
  exe) set -- "$root/dist/sealcheck" batch ;;
  node) set -- "$node" "$root/dist/lib/bin.js" batch ;;
  *) echo "conformance: RUNTIME is exe or node, not $RUNTIME" >&2; exit 2 ;;
esac
for file in "$@"; do
  case "$file" in "$root"/dist/*) [ -e "$file" ] || { echo "conformance: no $file: run 'make build'" >&2; exit 1; } ;; esac
done

sh "$here/release.sh"
mkdir -p "$bin"
# Only the graph drivers need C libraries, and no case needs a graph driver.
tags=exclude_graphdriver_btrfs
(cd "$here/oracle" && CGO_ENABLED=0 go build -tags "containers_image_openpgp $tags" -o "$bin/oracle-openpgp" .)
(cd "$here/generate" && CGO_ENABLED=0 go build -o "$bin/generate" .)
gpgme=
if ! command -v gpg >/dev/null 2>&1; then
  echo "conformance: gpg is not installed; only go-crypto is asked, and cases where GnuPG differs are not seen" >&2
elif (cd "$here/oracle" && CGO_ENABLED=1 go build -tags "$tags" -o "$bin/oracle-gpgme" .) 2>"$bin/oracle-gpgme.log"; then
  gpgme=$bin/oracle-gpgme
else
  echo "conformance: the oracle with GnuPG does not build (libgpgme-dev, libassuan-dev and a C compiler are needed;" >&2
  echo "  see $bin/oracle-gpgme.log). Only go-crypto is asked, and cases where GnuPG differs are not seen" >&2
fi

# The same seed gives the same cases: they and the reference's answers are kept until the generator changes.
cases=$bin/cases/$SEED-$N-$(echo "$CATEGORIES" | tr ',' '+')
stamp=$(cksum <"$bin/generate")
if [ "$(cat "$cases/generator" 2>/dev/null)" != "$stamp" ]; then
  rm -rf "$cases"
  "$bin/generate" -n "$N" -seed "$SEED" -categories "$CATEGORIES" -cache "$bin/keys.json" -out "$cases"
  echo "$stamp" >"$cases/generator"
fi
echo "conformance: N=$N SEED=$SEED CATEGORIES=$CATEGORIES RUNTIME=$RUNTIME"
"$node" "$here/compare.ts" --cases "$cases" --oracle-openpgp "$bin/oracle-openpgp" \
  ${gpgme:+--oracle-gpgme "$gpgme"} ${RECORD:+--record "$RECORD"} -- "$@"
