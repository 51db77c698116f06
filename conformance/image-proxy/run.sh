#!/bin/sh
# Records anew what the reference answers to test/serve/image-proxy/conversations.ts. Needs Go.
#
# The reference's image proxy is the package common/pkg/json-proxy of container-libs, built on the image/v5 that everything else here is
# compared with.
set -eu
cd "$(dirname "$0")/../.."
reference=$PWD/conformance/bin/image-proxy/reference
(cd conformance/image-proxy/reference && go build -tags "containers_image_openpgp exclude_graphdriver_btrfs" -o "$reference" .)
"$(sh scripts/tool.sh node)" conformance/image-proxy/record.ts "$reference" test/serve/image-proxy/recorded.jsonl
