#!/bin/sh
# usage: GOTEST=COMMAND tools/test-matrix.sh CLI...
#
# Runs the tests that need a CLI with each CLI in turn, and says at the end how each
# did. A CLI that is named twice is tried once. COMMAND takes the arguments of
# "go test".
set -u
cd "$(dirname "$0")/.." || exit 1

tried=:
summary=
status=0
for cli in "$@"; do
  path=$(command -v "$cli") || path=$cli
  case $tried in *:"$path":*) continue ;; esac
  tried=$tried$path:

  printf '\n==> %s\n' "$path"
  began=$(date +%s)
  name=$(tools/with-cli.sh "$cli" true 2>&1)
  name=${name#CLI: }
  # -count=1: Go's test cache does not see that a CLI has changed.
  # shellcheck disable=SC2086 # a command and its arguments
  if tools/with-cli.sh "$cli" $GOTEST -count=1 -timeout 20m ./internal/acceptance/... ./internal/clitest/... ./internal/demo/... ./internal/examples/... ./internal/provider/... ./tools/schema; then
    result='ok  '
  else
    result=FAIL
    status=1
  fi
  summary="$summary  $result  $(($(date +%s) - began)) s  $name
"
done

[ -n "$summary" ] || { echo "no CLI to test with" >&2; exit 1; }
printf '\nTests, by CLI:\n%s' "$summary"
exit $status
