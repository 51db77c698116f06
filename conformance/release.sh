#!/bin/sh
# Says which release of containers/image is compared with, and whether there is a newer one, where a registry of Go modules
# answers within some seconds; where none does it says nothing of that.
set -eu
cd "$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/oracle"
module=go.podman.io/image/v5
ours=$(go list -m -f '{{.Version}}' "$module")
# All versions in their order, without those before a release, such as v5.43.0-rc1.
newest=$(timeout 10 go list -m -versions -f '{{range .Versions}}{{println .}}{{end}}' "$module" 2>/dev/null |
  grep -v -- - | grep . | tail -n 1) || newest=
case "$newest" in
  "" | "$ours") echo "conformance: the reference is $module $ours" ;;
  *) echo "conformance: the reference is $module $ours; $newest is out: CONTRIBUTING.md, Following the reference" ;;
esac
