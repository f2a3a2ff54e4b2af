#!/bin/sh
# usage: tools/fuzz.sh TIME
#
# Runs every fuzz target of the module for TIME each, a duration such as 10s.
# "go test -fuzz" takes one target at a time, hence the loop.
set -eu
cd "$(dirname "$0")/.."

targets=$(grep -or --include='*_test.go' --exclude-dir=.tools '^func Fuzz[A-Za-z0-9]*' . | sed 's|/[^/]*:func | |')
[ -n "$targets" ] || {
  echo "found no fuzz target" >&2
  exit 1
}
printf '%s\n' "$targets" | while read -r folder name; do
  printf '%s in %s\n' "$name" "$folder"
  go test -run '^$' -fuzz "^$name\$" -fuzztime "$1" "$folder" </dev/null
done
