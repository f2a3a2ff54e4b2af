// Package sandbox runs a Terraform or OpenTofu binary as a stranger would meet
// it: with an empty home, nobody's settings, no network, and the provider that
// was just built in a mirror, so that init installs it as it would a release.
package sandbox

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
)

// version is the one under which the mirror offers the provider.
const version = "0.0.1"

// The registries that "deepcall/deepcall" stands for: Terraform's, OpenTofu's.
var registries = []string{"registry.terraform.io", "registry.opentofu.org"}

// Sandbox is a folder with a home, a mirror and working folders for one CLI.
type Sandbox struct {
	root string
	cli  string
}

// New makes a sandbox for a CLI and a provider binary, both given by path.
// Remove takes it away.
func New(cli, provider string) (*Sandbox, error) {
	cli, err := filepath.Abs(cli)
	if err != nil {
		return nil, fmt.Errorf("finding the CLI: %w", err)
	}
	root, err := os.MkdirTemp("", "deepcall-")
	if err != nil {
		return nil, fmt.Errorf("making a folder to work in: %w", err)
	}
	s := &Sandbox{root: root, cli: cli}
	if err := s.furnish(provider); err != nil {
		_ = s.Remove() // the first error is the one to tell
		return nil, err
	}
	return s, nil
}

func (s *Sandbox) furnish(provider string) error {
	for _, dir := range []string{s.home(), s.temp()} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return fmt.Errorf("making a folder to work in: %w", err)
		}
	}
	// With a mirror named here, the CLI asks no registry for anything.
	settings := "disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = " +
		strconv.Quote(filepath.ToSlash(s.mirror())) + "\n  }\n}\n"
	if err := os.WriteFile(s.settings(), []byte(settings), 0o600); err != nil {
		return fmt.Errorf("writing the CLI's settings: %w", err)
	}
	for _, registry := range registries {
		if err := s.offer(provider, registry); err != nil {
			return fmt.Errorf("putting the provider into the mirror: %w", err)
		}
	}
	return nil
}

// offer puts the provider into the mirror, unpacked, under a registry's name.
func (s *Sandbox) offer(provider, registry string) error {
	dir := filepath.Join(s.mirror(), registry, "deepcall", "deepcall", version, runtime.GOOS+"_"+runtime.GOARCH)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	name := "terraform-provider-deepcall_v" + version
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	from, err := os.Open(provider) //nolint:gosec // G304: it is the caller's to say which provider
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()                                                        // it was only read
	to, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o700) //nolint:gosec // G302, G304: a program, in a folder of our own
	if err != nil {
		return err
	}
	if _, err := io.Copy(to, from); err != nil {
		_ = to.Close() // the copy's error is the one to tell
		return err
	}
	return to.Close()
}

// Folder makes a new, empty working folder.
func (s *Sandbox) Folder() (string, error) {
	dir, err := os.MkdirTemp(s.root, "work-")
	if err != nil {
		return "", fmt.Errorf("making a working folder: %w", err)
	}
	return dir, nil
}

// Remove takes away all that the sandbox has made.
func (s *Sandbox) Remove() error {
	if err := os.RemoveAll(s.root); err != nil {
		return fmt.Errorf("removing the working folder: %w", err)
	}
	return nil
}

func (s *Sandbox) home() string     { return filepath.Join(s.root, "home") }
func (s *Sandbox) temp() string     { return filepath.Join(s.root, "tmp") }
func (s *Sandbox) mirror() string   { return filepath.Join(s.root, "mirror") }
func (s *Sandbox) settings() string { return filepath.Join(s.root, "cli.tfrc") }
