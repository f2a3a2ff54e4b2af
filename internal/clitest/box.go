// Package clitest runs a real CLI, Terraform or OpenTofu, as a new user meets
// it: with an empty home, none of the caller's settings, no network, and the
// provider in a mirror that init installs it from.
//
// A Box holds one CLI and one provider, a Workspace in it one configuration and
// its state. Programs use these; testing.go has what is for tests alone.
package clitest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
)

// providerVersion is the version under which a box offers the provider.
const providerVersion = "0.0.1"

// Box is a folder with all that one CLI reads and writes.
type Box struct {
	Version Version // of the CLI
	dir     string
	cli     string
}

// Installation is where a CLI finds the provider: the inside of the block
// provider_installation in its configuration. Without a block "direct" the CLI
// asks no registry.
type Installation string

// FromMirror installs from a mirror in the file system.
func FromMirror(dir string) Installation {
	return Installation("filesystem_mirror {\n    path = " + strconv.Quote(filepath.ToSlash(dir)) + "\n  }")
}

// New makes a box with a mirror that holds the provider's binary. Close removes
// it.
func New(ctx context.Context, cli, provider string) (*Box, error) {
	return open(ctx, cli, provider, "")
}

// NewFrom makes a box for a provider that is somewhere already.
func NewFrom(ctx context.Context, cli string, from Installation) (*Box, error) {
	return open(ctx, cli, "", from)
}

func open(ctx context.Context, cli, provider string, from Installation) (*Box, error) {
	cli, err := exec.LookPath(cli)
	if err != nil {
		return nil, err
	}
	if cli, err = filepath.Abs(cli); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "deepcall-") // short: plugins put sockets below it, whose paths are limited
	if err != nil {
		return nil, err
	}
	b := &Box{dir: dir, cli: cli}
	if provider != "" {
		from, err = FromMirror(b.Mirror()), writeMirror(b.Mirror(), provider)
	}
	config := "disable_checkpoint = true\nprovider_installation {\n  " + string(from) + "\n}\n"
	err = errors.Join(err,
		os.Mkdir(b.home(), 0o700), os.Mkdir(b.temp(), 0o700),
		os.WriteFile(b.config(), []byte(config), 0o600))
	if err == nil {
		b.Version, err = b.askVersion(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// Close removes the box and all workspaces in it.
func (b *Box) Close() error { return os.RemoveAll(b.dir) }

// Mirror is the folder that New installs the provider from.
func (b *Box) Mirror() string { return filepath.Join(b.dir, "mirror") }

func (b *Box) home() string   { return filepath.Join(b.dir, "home") }
func (b *Box) temp() string   { return filepath.Join(b.dir, "tmp") }
func (b *Box) config() string { return filepath.Join(b.dir, "cli.tfrc") }

// writeMirror offers a binary, unpacked, under the names of both registries: the
// source "deepcall/deepcall" is at Terraform's for one CLI and at OpenTofu's for
// the other.
func writeMirror(mirror, binary string) error {
	content, err := os.ReadFile(binary) //nolint:gosec // G304: the caller says which provider
	if err != nil {
		return fmt.Errorf("reading the provider: %w", err)
	}
	name := "terraform-provider-deepcall_v" + providerVersion
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		dir := filepath.Join(mirror, registry, "deepcall", "deepcall", providerVersion, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o700); err != nil { //nolint:gosec // G306: a program
			return err
		}
	}
	return nil
}

// environment is all that the CLI sees of the caller's environment, and what
// keeps it in the box.
func (b *Box) environment() map[string]string {
	env := map[string]string{
		"HOME": b.home(), "TMPDIR": b.temp(),
		"USERPROFILE": b.home(), "APPDATA": b.home(), "TMP": b.temp(), "TEMP": b.temp(), // Windows
		"TF_CLI_CONFIG_FILE": b.config(),
		"TF_CLI_ARGS":        "-no-color",
		"TF_IN_AUTOMATION":   "1", // no advice on what to type next
		"TF_INPUT":           "0",
		"CHECKPOINT_DISABLE": "1",
	}
	for _, name := range []string{"PATH", "SYSTEMROOT"} {
		if value, ok := os.LookupEnv(name); ok {
			env[name] = value
		}
	}
	return env
}
