#!/bin/sh
# usage: tools/licenses.sh FILE
#
# Writes into FILE the license texts of Go and of every module that the provider
# is built from, on any of the platforms of a release.
set -eu
cd "$(dirname "$0")/.."
mkdir -p "$(dirname "$1")"

modules=$(
  printf 'Go\t%s\t%s\n' "$(go env GOVERSION)" "$(go env GOROOT)"
  for os in darwin freebsd linux windows; do
    GOOS=$os CGO_ENABLED=0 go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}}{{"\t"}}{{.Version}}{{"\t"}}{{.Dir}}{{end}}{{end}}' .
  done
)
printf '%s\n' "$modules" | LC_ALL=C sort -u | while IFS='	' read -r path version dir; do
  [ -n "$path" ] || continue
  texts=$(find "$dir/" -maxdepth 1 -type f \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'notice*' -o -iname 'patents*' \) | LC_ALL=C sort)
  [ -n "$texts" ] || {
    echo "$path $version has no license text" >&2
    exit 1
  }
  printf '%s\n' "$texts" | while read -r text; do
    printf '==> %s %s: %s\n\n' "$path" "$version" "$(basename "$text")"
    cat "$text"
    printf '\n'
  done
done >"$1"
