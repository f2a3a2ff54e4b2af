#!/bin/sh
# usage: tools/vuln.sh GOVULNCHECK
#
# Checks every module that the provider and its tests depend on, used or not,
# with the binary GOVULNCHECK against the database of known vulnerabilities. It
# asks for that over the network; the variable VULNDB names another one (a URL,
# file:// too).
#
# Exits with 0 when no dependency has a known advisory, with 3 when one has, and
# with 69 when the database could not be asked: that is not a pass.
set -u
cd "$(dirname "$0")/.." || exit 1

report=$("$1" ${VULNDB:+-db "$VULNDB"} -scan module 2>&1)
status=$?
printf '%s\n' "$report"
case $status:$report in
  0:*) ;;
  3:*) echo 'VULNERABLE: a dependency has a known advisory: update it with "go get MODULE@VERSION".' >&2 ;;
  *"fetching vulnerabilities"*)
    echo 'NOT CHECKED: known advisories, because the database cannot be reached.' >&2
    status=69
    ;;
esac
exit $status
