#!/bin/sh
# Reads a dir: layout, and asks sealcheck's service about these bytes. Needs varlinkctl (systemd 255 or newer) and jq.
# Usage: verify.sh SOCKET DIRECTORY IDENTITY
# Exit code: 0 accepted, 1 rejected, 2 no verdict. Only 0 allows to install.
set -eu

no_verdict() {
  echo "no verdict: $1" >&2
  exit 2
}

[ $# -eq 3 ] || no_verdict "usage: verify.sh SOCKET DIRECTORY IDENTITY"
address=$1 directory=$2 identity=$3
for tool in varlinkctl jq; do
  command -v "$tool" >/dev/null || no_verdict "$tool is not installed (varlinkctl comes with systemd 255 or newer)"
done

own=$(mktemp -d) || no_verdict "there is no temporary directory"
trap 'rm -rf "$own"' EXIT
# A copy that is the caller's own: what is judged is this file, and nothing else may be installed.
cp -- "$directory/manifest.json" "$own/manifest.json" || no_verdict "there is no manifest"
base64 -w 0 -- "$own/manifest.json" >"$own/manifest" || no_verdict "the manifest cannot be read"
number=1
while [ -e "$directory/signature-$number" ]; do
  base64 -w 0 -- "$directory/signature-$number" || no_verdict "signature-$number cannot be read"
  echo
  number=$((number + 1))
done >"$own/signatures"

# The call goes through standard input: it may be longer than an argument can be.
jq -n --arg identity "$identity" --rawfile manifest "$own/manifest" --rawfile signatures "$own/signatures" \
  '{$identity, $manifest, signatures: ($signatures | split("\n") | map(select(. != "")))}' >"$own/call" ||
  no_verdict "the call cannot be written"
# varlinkctl ends with an exit code that is not 0 if the reply is an error, and prints the error's parameters.
varlinkctl --json=short call "unix:$address" dev.sealcheck.Verify.VerifyBytes - <"$own/call" >"$own/reply" ||
  no_verdict "the call failed $(jq -r '"with \(.code): \(.message)"' "$own/reply")"

outcome=$(jq -r .verdict.outcome "$own/reply") || no_verdict "that is no reply"
jq -r .verdict.message "$own/reply"
case $outcome in
  accepted) echo "Manifest to use: $(jq -r .verdict.manifest_digest "$own/reply"), $(wc -c <"$own/manifest.json") bytes" ;;
  rejected) exit 1 ;;
  *) no_verdict "that is no reply" ;;
esac
