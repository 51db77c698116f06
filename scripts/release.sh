#!/bin/sh
# What is shipped, in dist/release: the executable, the single file for Node or Bun, the npm package, an SBOM, checksums.
# Everything is built twice from the committed sources, in two folders with their own packages, and must come out the same.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
[ -z "$(git status --porcelain)" ] || { echo "release: there are changes that are not committed" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in one other; do
  mkdir -p "$work/$name/build"
  git archive HEAD | tar -x -C "$work/$name/build"
  (cd "$work/$name/build" && make build && npm pack --silent >/dev/null)
done

version=$(node -p 'require("./package.json").version')
platform=$(node -p '`${process.platform}-${process.arch}`')
release=$root/dist/release
rm -rf "$release" && mkdir -p "$release"
for pair in "dist/sealcheck sealcheck-$version-$platform" "dist/sealcheck.mjs sealcheck-$version.mjs" \
  "sealcheck-$version.tgz sealcheck-$version.tgz"; do
  built=${pair% *} name=${pair#* }
  cmp "$work/one/build/$built" "$work/other/build/$built" ||
    { echo "release: two builds of $built differ" >&2; exit 1; }
  cp "$work/one/build/$built" "$release/$name"
done
committed=$(git log -1 --format=%cI)
(
  cd "$work/one/build"
  node=$(sh scripts/tool.sh node)
  mkdir "$work/shipped"
  "$node" scripts/shipped-packages.ts "$work/shipped"
  (cd "$work/shipped" && npm sbom --sbom-format cyclonedx --package-lock-only) | "$node" scripts/sbom.ts "$committed"
) >"$release/sealcheck-$version.cdx.json"
(cd "$release" && sha256sum -- * >SHA256SUMS && cat SHA256SUMS)
