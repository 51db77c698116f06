#!/bin/sh
# The main job on the signed images of this repository. Each step shows its command, what it prints and its exit code,
# and the demo fails if that is not the one expected. Usage: sh demo/run.sh (after `make build`; `make demo` does both)
set -u

root=$(cd "$(dirname "$0")/.." && pwd -P) || exit 1
fixtures=$root/test/fixtures
sealcheck=$root/dist/sealcheck
[ -x "$sealcheck" ] || { echo "$sealcheck is missing: run make build first" >&2; exit 1; }

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work" || exit 1

# Policies name their keys by absolute paths.
for policy in rhel-like fulcio; do
  sed "s|@FIXTURES@|$fixtures|g" "$fixtures/policies/$policy.json" > "$policy.json" || exit 1
done
sed 's/"keyPaths"/"keypaths"/' rhel-like.json > broken.json || exit 1
cp -R "$fixtures/images/gpg-release-oci" download &&
  cp -R "$fixtures/images/gpg-unknown-key" other-key &&
  cp -R "$fixtures/images/gpg-other-repository" other-image &&
  cp -R "$fixtures/images/fulcio-valid" certificate &&
  cp -R "$fixtures/images/unsigned" unsigned &&
  cp -R "$fixtures/layouts-by-tool/flatpak/app-signed" layout || exit 1
digest=sha256:$(sha256sum download/manifest.json | cut -d ' ' -f 1)

failures=0

# step EXPECTED-EXIT-CODE TITLE ARGUMENT...
step() {
  expected=$1
  title=$2
  shift 2
  printf '\n# %s\n$ sealcheck %s\n' "$title" "$*"
  "$sealcheck" "$@" 2>&1
  actual=$?
  printf '(exit code %s)\n' "$actual"
  if [ "$actual" -ne "$expected" ]; then
    printf 'demo: exit code %s was expected\n' "$expected" >&2
    failures=$((failures + 1))
  fi
}

app=registry.example.com/vendor/app:1.0

step 0 "Signed by the vendor's key: accepted" \
  verify-installable --policy=rhel-like.json --identity=$app download
step 0 "Signed with a certificate that was issued to the vendor's builder: accepted" \
  verify-installable --policy=fulcio.json --identity=$app certificate
step 1 "Signed by a key that the policy does not name: rejected" \
  verify-installable --policy=rhel-like.json --identity=$app other-key
step 1 "Signed by the vendor, but as another image: rejected" \
  verify-installable --policy=rhel-like.json --identity=$app other-image
step 0 "A scope that accepts anything: accepted, and it says so" \
  verify-installable --policy=rhel-like.json --identity=registry.example.com/public/app:1.0 unsigned
step 1 "The same, where a signature is a must" \
  verify-installable --policy=rhel-like.json --require-signed --identity=registry.example.com/public/app:1.0 unsigned
step 3 "A policy with a typing error: the place, and what was meant" \
  verify-installable --policy=broken.json --identity=$app download
step 2 "A registry as the source: why not, and what to do instead" \
  verify-installable --policy=rhel-like.json --identity=$app docker://$app
step 0 "An OCI layout, as Flatpak hands it over: accepted" \
  verify-installable --policy=rhel-like.json --identity=registry.example.com/app:1.0 oci:layout
step 0 "Only its signatures, for the digest that the caller has compared" \
  verify-installable --policy=rhel-like.json --identity=$app --manifest-digest="$digest" download
step 0 "For programs: the verdict as JSON" \
  verify-installable --policy=rhel-like.json --identity=$app --format=json download

echo
if [ "$failures" -ne 0 ]; then
  echo "demo: $failures of the steps ended otherwise than expected" >&2
  exit 1
fi
echo "Every step ended as expected."
