#!/bin/sh
# Every digest and every dump of the files named after the program, with the exit code of each.
program=$1
shift
for file in "$@"; do
  echo "$(basename "$(dirname "$file")") $(basename "$file")"
  case $file in
    *manifest.json) "$program" manifest-digest "$file" 2>/dev/null ;;
    *) "$program" untrusted-signature-dump-without-verification "$file" 2>/dev/null ;;
  esac
  echo "$?"
done
