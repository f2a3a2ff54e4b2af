#!/bin/sh
# usage: tools/vuln.sh GOVULNCHECK
#
# Checks the module with the binary GOVULNCHECK against the database of known
# vulnerabilities, which it asks for over the network; the variable VULNDB names
# another one (a URL, file:// too).
#
# Exits with 0 when none is reachable from this code, with 3 when one is, and
# with 69 when the database could not be asked: that is no pass.
set -u
cd "$(dirname "$0")/.." || exit 1

report=$("$1" ${VULNDB:+-db "$VULNDB"} ./... 2>&1)
status=$?
case $status:$report in
  1:*"fetching vulnerabilities"*)
    printf 'KNOWN VULNERABILITIES NOT CHECKED: the database cannot be reached (%s)\n' "$(printf '%s\n' "$report" | sed -n '$p')" >&2
    exit 69
    ;;
esac
printf '%s\n' "$report"
exit $status
