#!/bin/sh
# Says what `make` needs and this machine does not have, one line each, and fails then. `make setup` runs it first.
# It uses nothing but the shell itself: any other program may be what is missing.
set -u
missing=0

need() {
  command -v "$1" >/dev/null 2>&1 && return
  printf '%s\n' "setup: $1 is not on PATH: $2" >&2
  missing=1
}

need node "install Node 20 or newer; what builds and tests is pinned, and comes as a package"
need npm "it comes with Node, or as a package of its own"
for tool in cat cp dirname mkdir mkfifo mktemp rm touch; do
  need "$tool" "one of the commands that every Unix has (coreutils)"
done
need sed "the build and the demo need it"

if command -v node >/dev/null 2>&1; then
  version=$(node --version 2>/dev/null) || version=
  number=${version#v}
  case "${number%%.*}" in
    '' | *[!0-9]*) printf '%s\n' "setup: node --version does not print a version: repair that Node" >&2 && missing=1 ;;
    ? | 1?) printf '%s\n' "setup: Node $version is too old: install Node 20 or newer" >&2 && missing=1 ;;
  esac
fi
exit "$missing"
