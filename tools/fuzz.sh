#!/bin/sh
# usage: tools/fuzz.sh TIME
#
# Runs every fuzz target of the module for TIME each, a duration such as 10s.
# "go test -fuzz" takes one target at a time, hence the loop.
set -eu
cd "$(dirname "$0")/.."

listing=$(go test -list '^Fuzz' ./...) || {
  printf '%s\n' "$listing" >&2
  exit 1
}
# Under each package's targets stands a line "ok <package> <seconds>".
targets=$(printf '%s\n' "$listing" | awk '
  /^Fuzz/ { names[++n] = $1 }
  /^ok/   { for (i = 1; i <= n; i++) print $2, names[i]; n = 0 }')
[ -n "$targets" ] || {
  echo "found no fuzz target" >&2
  exit 1
}

printf '%s\n' "$targets" | while read -r package name; do
  printf '%s in %s\n' "$name" "$package"
  go test -run '^$' -fuzz "^$name\$" -fuzztime "$1" "$package" </dev/null
done
