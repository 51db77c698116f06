#!/bin/sh
# What a mirror's script does with skopeo: signs what it was given, checks what it signed, and takes no other answer.
# Called with the program, the manifest, the reference and the fingerprint; works in the current directory.
set -eu
program=$1 manifest=$2 reference=$3 fingerprint=$4

digest=$("$program" manifest-digest "$manifest")
echo "digest $digest"
"$program" --debug=false standalone-sign "$manifest" "$reference" "$fingerprint" -o app.signature
"$program" standalone-sign --output app2.signature "$manifest" "$reference" "$fingerprint"

if said=$("$program" standalone-verify "$manifest" "$reference" "$fingerprint" app.signature); then
  case $said in
    "Signature verified"*"digest $digest") echo "verified" ;;
    *) echo "verified, but said: $said" ;;
  esac
else
  echo "refused with $?"
fi

for other in "$reference-other" "${reference%:*}" "UPPER/case"; do
  "$program" standalone-verify "$manifest" "$other" "$fingerprint" app.signature 2>/dev/null || echo "$other: $?"
done
# A digest in the reference is compared as text only: the manifest is the one whose digest was signed.
by_digest=${reference%:*}@sha256:0000000000000000000000000000000000000000000000000000000000000000
"$program" standalone-sign "$manifest" "$by_digest" "$fingerprint" -o by-digest.signature
"$program" standalone-verify "$manifest" "$by_digest" "$fingerprint" by-digest.signature >/dev/null && echo "by digest: $?"
"$program" standalone-sign "$manifest" "${reference%:*}" "$fingerprint" -o name.signature
"$program" standalone-verify "$manifest" "${reference%:*}" "$fingerprint" name.signature >/dev/null && echo "by name: $?"
"$program" standalone-verify "$manifest" "$reference" "$fingerprint" name.signature 2>/dev/null || echo "no tag: $?"
echo changed >changed.json
"$program" standalone-verify changed.json "$reference" "$fingerprint" app.signature 2>/dev/null || echo "changed: $?"
"$program" standalone-verify "$manifest" "$reference" 0000000000000000000000000000000000000000 app2.signature \
  2>/dev/null || echo "other key: $?"
"$program" untrusted-signature-dump-without-verification app.signature 2>/dev/null |
  grep -v -e UntrustedCreatorID -e UntrustedTimestamp
