#!/bin/sh
# Images as cosign, oras and skopeo make them, in a docker-registry, through sealcheck and through containers/image: README.md of
# conformance/. Builds what is needed into conformance/bin; cosign takes some minutes, once.
# `run.sh --write` records the images and what the reference says of them for `make test`.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname -- "$(dirname -- "$here")")
bin=$root/conformance/bin
node=$(sh "$root/scripts/tool.sh" node)
for program in go skopeo docker-registry openssl gpg; do
  command -v "$program" >/dev/null 2>&1 || { echo "attachments: $program is not installed" >&2; exit 1; }
done
[ -e "$root/dist/sealcheck" ] || { echo "attachments: no dist/sealcheck: run 'make build'" >&2; exit 1; }

# The program of a module in this version, in a folder of its own.
install_go() { # MODULE/PACKAGE@VERSION
  folder=$bin/$(echo "$1" | sed 's/.*\///')
  case "$1" in */v2/*) folder=$bin/2-${folder##*/} ;; esac
  [ -e "$folder" ] || CGO_ENABLED=0 GOBIN=$folder go install -ldflags "-s -w" "$1" >&2
  echo "$folder"
}
cosign_2=$(install_go github.com/sigstore/cosign/v2/cmd/cosign@v2.6.5)/cosign
cosign_3=$(install_go github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3)/cosign
oras=$(install_go oras.land/oras/cmd/oras@v1.3.6)/oras
(cd "$root/conformance/mirrors" && CGO_ENABLED=0 go build -tags containers_image_openpgp -o "$bin/mirrors" .)

"$node" "$here/run.ts" --cosign-2 "$cosign_2" --cosign-3 "$cosign_3" --oras "$oras" --oracle "$bin/mirrors" "$@"
case " $* " in *" --write "*) "$node" "$root/conformance/mirrors/run.ts" "$bin/mirrors" --write --only "by tools: " ;; esac
