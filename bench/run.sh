#!/bin/sh
# Builds the peers and measures: `bench/run.sh [--images N] [--rounds N]`; see docs/performance.md.
# Needs Go, a C compiler with the headers of gpgme, gpg and skopeo.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname -- "$here")
bin=$here/bin
node=$(sh "$root/scripts/tool.sh" node)
bun=$(sh "$root/scripts/tool.sh" bun)
for tool in go gpg skopeo; do
  command -v "$tool" >/dev/null 2>&1 || { echo "bench: $tool is not installed" >&2; exit 1; }
done

mkdir -p "$bin"
tags=exclude_graphdriver_btrfs
(cd "$here/go" && CGO_ENABLED=0 go build -o "$bin/paired" ./paired)
(cd "$here/go" && CGO_ENABLED=0 go build -tags "containers_image_openpgp $tags" -o "$bin/evaluate-openpgp" ./evaluate)
(cd "$here/go" && CGO_ENABLED=1 go build -tags "$tags" -o "$bin/evaluate-gpgme" ./evaluate)
(cd "$root/conformance/oracle" && CGO_ENABLED=0 go build -tags "containers_image_openpgp $tags" -o "$bin/oracle-openpgp" .)
# As the executable was built before anything was done about its speed: the runtime as it comes.
"$bun" build --compile --minify --bytecode --format=esm --outfile "$bin/bare" "$here/bare.ts" >/dev/null
exec "$node" "$here/run.ts" "$@"
