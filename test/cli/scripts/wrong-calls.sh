#!/bin/sh
# Calls that make no sense, as scripts make them by mistake: nothing on standard output, something on standard error, exit code 1.
program=$1 manifest=$2 signature=$3

try() {
  "$program" "$@" >out 2>err
  code=$?
  [ -s out ] && echo "output: $(cat out)"
  [ -s err ] || echo "silent"
  echo "$code: $(echo "$*" | sed "s|$manifest|MANIFEST|g; s|$signature|SIGNATURE|g")"
}

try manifest-digest
try manifest-digest /nonexistent
try manifest-digest "$manifest" "$manifest"
try manifest-digest --no-such-option "$manifest"
try --no-such-option manifest-digest "$manifest"
try manifest-digest /
try standalone-verify "$manifest" example.com/app:1
try standalone-verify "$manifest" example.com/app:1 0000000000000000000000000000000000000000
try standalone-verify /nonexistent example.com/app:1 0000000000000000000000000000000000000000 "$signature"
try standalone-verify "$manifest" example.com/app:1 0000000000000000000000000000000000000000 /nonexistent
try standalone-verify "$manifest" "" 0000000000000000000000000000000000000000 "$signature"
try standalone-verify "$manifest" example.com/app:1 0000000000000000000000000000000000000000 "$manifest"
try standalone-sign "$manifest" example.com/app:1 0000000000000000000000000000000000000000
try standalone-sign "$manifest" example.com/app:1 0000000000000000000000000000000000000000 -o new
try standalone-sign /nonexistent example.com/app:1 0000000000000000000000000000000000000000 -o new
[ -e new ] && echo "new was made"
try untrusted-signature-dump-without-verification
try untrusted-signature-dump-without-verification "$manifest"
try untrusted-signature-dump-without-verification /nonexistent
exit 0
