#!/bin/sh
# Records anew what the reference answers to test/serve/image-proxy/conversations.ts. Needs Go, git and the network.
#
# The reference's image proxy is a package of github.com/containers/container-libs, common/pkg/json-proxy, of the commit below. It and
# common/pkg/retry are taken from there and built on the image/v5 that everything else here is compared with.
set -eu
cd "$(dirname "$0")/../.."
repository=${CONTAINER_LIBS:-https://github.com/containers/container-libs}
commit=9869b8fd96867ea95f45ac02e9834a632d60b976
bin=$PWD/conformance/bin/image-proxy

rm -rf "$bin"
mkdir -p "$bin/source/jsonproxy" "$bin/source/retry"
git init -q --bare "$bin/git"
git -C "$bin/git" fetch -q --depth 1 "$repository" "$commit"
git -C "$bin/git" archive "$commit" common/pkg/json-proxy common/pkg/retry | tar -x -C "$bin"
for package in json-proxy:jsonproxy retry:retry; do
  cp "$bin/common/pkg/${package%%:*}"/*.go "$bin/source/${package##*:}/"
done
rm -f "$bin"/source/*/*_test.go
sed -i 's|"go.podman.io/common/pkg/retry"|"reference/retry"|' "$bin"/source/jsonproxy/*.go
cp conformance/image-proxy/reference/main.go "$bin/source/"
cd "$bin/source"
go mod init reference
go get go.podman.io/image/v5@v5.42.1
go mod tidy
go build -tags "containers_image_openpgp exclude_graphdriver_btrfs" -o "$bin/reference" .
cd - >/dev/null
"$(sh scripts/tool.sh node)" conformance/image-proxy/record.ts "$bin/reference" test/serve/image-proxy/recorded.jsonl
