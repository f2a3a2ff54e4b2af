#!/bin/sh
# usage: tools/with-cli.sh CLI COMMAND [ARGUMENT...]
#
# Runs COMMAND in the environment that tests need to use CLI, a Terraform or
# OpenTofu binary by path or by name, whatever the caller's own settings are.
set -eu

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

[ $# -ge 2 ] || fail "usage: $0 CLI COMMAND [ARGUMENT...]"
wanted=$1
shift

cli=$(command -v "$wanted") || fail "CLI=$wanted: no such command"
case $cli in
  /*) ;;
  *) cli=$PWD/$cli ;;
esac

# The caller's settings of the CLI and of the provider would change what the
# tests see. Those of the test harness (TF_ACC_...) are meant for it, but for
# the ones that follow from the CLI.
for name in $(env | sed -n -e 's/^\(TF_[A-Za-z0-9_]*\)=.*/\1/p' -e 's/^\(DEEPCALL_[A-Za-z0-9_]*\)=.*/\1/p'); do
  case $name in
    TF_ACC_PROVIDER_HOST | TF_ACC_PROVIDER_NAMESPACE | TF_ACC_TERRAFORM_VERSION) unset "$name" ;;
    TF_ACC*) ;;
    *) unset "$name" ;;
  esac
done
export CHECKPOINT_DISABLE=1
export TF_CLI_CONFIG_FILE=/dev/null
export TF_IN_AUTOMATION=1
export TF_ACC_TERRAFORM_PATH="$cli"

# A binary's name does not say which of the two it is; its answer does.
# Asked in an empty home, since OpenTofu leaves a folder in it.
home=$(mktemp -d)
answer=$(HOME=$home "$cli" version) || fail "CLI=$wanted: \"$cli version\" failed"
rm -rf "$home"
version=$(printf '%s\n' "$answer" | sed -n 1p)
case $version in
  Terraform\ v*) ;;
  OpenTofu\ v*)
    # The harness names the provider under test by its full address, and
    # would take Terraform's registry, which is not where OpenTofu looks for a
    # provider that a configuration gives no source for.
    export TF_ACC_PROVIDER_HOST=registry.opentofu.org
    export TF_ACC_PROVIDER_NAMESPACE=hashicorp
    ;;
  *) fail "CLI=$wanted: $cli is neither Terraform nor OpenTofu; it calls itself \"$version\"" ;;
esac

printf 'CLI: %s (%s)\n' "$version" "$cli" >&2
exec "$@"
