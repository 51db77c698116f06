#!/bin/sh
# Random cases through sealcheck and through containers/image; see README.md beside this file.
# N=2000 SEED=1 CATEGORIES=all RUNTIME=exe|node OPENPGP=all|go|gnupg|sequoia RECORD=DIR conformance/run.sh
# OPENPGP names the back ends whose verdict is asked for, several with commas: sealcheck gets it as --openpgp.
# SEALCHECK=FILE asks another executable than that of RUNTIME.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname -- "$here")
bin=$here/bin
N=${N:-2000} SEED=${SEED:-1} CATEGORIES=${CATEGORIES:-all} RUNTIME=${RUNTIME:-exe} RECORD=${RECORD:-}
OPENPGP=${OPENPGP:-all}

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

for name in $(echo "$OPENPGP" | tr ',' ' '); do
  case "$name" in
    all | go | gnupg | sequoia) ;;
    *) echo "conformance: OPENPGP is all, or some of go, gnupg and sequoia with commas; not $OPENPGP" >&2; exit 2 ;;
  esac
done

sh "$here/release.sh"
mkdir -p "$bin"
# Only the graph drivers need C libraries, and no case needs a graph driver.
tags=exclude_graphdriver_btrfs
oracle() { # NAME CGO TAGS [LDFLAGS]
  (cd "$here/oracle" && CGO_ENABLED=$2 go build -tags "$tags $3" -ldflags "${4:-}" -o "$bin/oracle-$1" .)
}
oracle go 0 containers_image_openpgp
(cd "$here/generate" && CGO_ENABLED=0 go build -o "$bin/generate" .)

not_asked() { # NAME REASON
  case ",$OPENPGP," in *",$1,"*) echo "conformance: $1 cannot be asked: $2" >&2; exit 1 ;; esac
  echo "conformance: $1 is not asked, and cases where it differs are not seen: $2" >&2
}
gnupg=
if ! command -v gpg >/dev/null 2>&1; then
  not_asked gnupg "gpg is not installed"
elif oracle gnupg 1 "" 2>"$bin/oracle-gnupg.log"; then
  gnupg=$bin/oracle-gnupg
else
  not_asked gnupg "its oracle does not build (libgpgme-dev, libassuan-dev and a C compiler are needed; see $bin/oracle-gnupg.log)"
fi

# The library that containers/image loads for Sequoia. Its folder is named after what it is made of, and the oracle knows
# the folder: so another library is another oracle, whose answers are not those that were kept.
library=$bin/sequoia-$(cksum <"$here/sequoia/Cargo.lock" | tr ' ' '-')
make_library() {
  [ -e "$library/release/libpodman_sequoia.so.0" ] ||
    CARGO_TARGET_DIR=$library cargo build --quiet --release --locked -p podman-sequoia --manifest-path "$here/sequoia/Cargo.toml"
}
sequoia=
if ! command -v cargo >/dev/null 2>&1; then
  not_asked sequoia "cargo is not installed"
else
  [ -e "$library" ] || echo "conformance: building podman-sequoia, once: it takes minutes" >&2
  if { make_library && oracle sequoia 1 containers_image_sequoia \
    "-X go.podman.io/image/v5/signature/internal/sequoia.sequoiaLibraryDir=$library/release"; } 2>"$bin/oracle-sequoia.log"; then
    sequoia=$bin/oracle-sequoia
  else
    not_asked sequoia "its oracle does not build (README.md beside this script says what is needed; see $bin/oracle-sequoia.log)"
  fi
fi

if [ "$OPENPGP" = all ]; then
  [ -n "$gnupg" ] && [ -n "$sequoia" ] || OPENPGP=go${gnupg:+,gnupg}${sequoia:+,sequoia}
fi
[ "$OPENPGP" = all ] || set -- "$@" "--openpgp=$OPENPGP"
[ "$OPENPGP" = all ] || [ -z "$RECORD" ] || { echo "conformance: vectors are recorded from all back ends only" >&2; exit 2; }

# The same seed gives the same cases: they and the reference's answers are kept until the generator changes.
cases=$bin/cases/$SEED-$N-$(echo "$CATEGORIES" | tr ',' '+')
stamp=$(cksum <"$bin/generate")
if [ "$(cat "$cases/generator" 2>/dev/null)" != "$stamp" ]; then
  rm -rf "$cases"
  "$bin/generate" -n "$N" -seed "$SEED" -categories "$CATEGORIES" -cache "$bin/keys.json" -out "$cases"
  echo "$stamp" >"$cases/generator"
fi
echo "conformance: N=$N SEED=$SEED CATEGORIES=$CATEGORIES RUNTIME=$RUNTIME OPENPGP=$OPENPGP"
"$node" "$here/compare.ts" --cases "$cases" --oracle-go "$bin/oracle-go" --openpgp "$OPENPGP" \
  ${gnupg:+--oracle-gnupg "$gnupg"} ${sequoia:+--oracle-sequoia "$sequoia"} ${RECORD:+--record "$RECORD"} -- "$@"
