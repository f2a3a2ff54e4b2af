package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// lab is where the work is done: a directory of its own, with a home, a CLI
// configuration and a mirror to install the provider from, so that nothing of the
// caller's and nothing on the network has a part in it.
type lab struct {
	dir      string
	tools    tools
	progress io.Writer
}

// tools are the programs that take part, by absolute path.
type tools struct {
	cli      string // Terraform or OpenTofu
	provider string // the provider as released
	standin  string // the stand-in of the API
	meter    string // what runs the provider and notes what it took
}

// The provider's address, and a version for the mirror to list.
const (
	providerAddress = "registry.terraform.io/deepcall/deepcall"
	providerVersion = "0.0.1"
)

// Names of the two mirrors: the provider itself, and the meter in its place.
const (
	plain   = "plain"
	metered = "metered"
)

// newLab makes the directory; close removes it.
func newLab(t tools, progress io.Writer) (*lab, error) {
	dir, err := os.MkdirTemp("", "deepcall-bench-")
	if err != nil {
		return nil, err
	}
	l := &lab{dir: dir, tools: t, progress: progress}
	err = errors.Join(os.Mkdir(l.home(), 0o700), l.mirror(plain, t.provider), l.mirror(metered, t.meter))
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

func (l *lab) close() error { return os.RemoveAll(l.dir) }

func (l *lab) home() string { return filepath.Join(l.dir, "home") }

func (l *lab) cliConfig(mirror string) string { return filepath.Join(l.dir, mirror+".tfrc") }

// mirror makes a filesystem mirror that serves the binary as the provider, and a
// CLI configuration that knows no other source.
func (l *lab) mirror(name, binary string) error {
	root := filepath.Join(l.dir, name)
	platform := runtime.GOOS + "_" + runtime.GOARCH
	dir := filepath.Join(root, filepath.FromSlash(providerAddress), providerVersion, platform)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	content, err := os.ReadFile(binary) //nolint:gosec // the caller names it
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "terraform-provider-deepcall_v"+providerVersion)
	if err := os.WriteFile(file, content, 0o700); err != nil { //nolint:gosec // a program is to be run
		return err
	}
	config := fmt.Sprintf("disable_checkpoint = true\n\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", root)
	return os.WriteFile(l.cliConfig(name), []byte(config), 0o600)
}

// environment is all that the CLI and the provider get to see.
func (l *lab) environment(mirror, baseURL, usage string) []string {
	return []string{
		"CHECKPOINT_DISABLE=1",
		"HOME=" + l.home(),
		"PATH=" + os.Getenv("PATH"),
		"TF_CLI_CONFIG_FILE=" + l.cliConfig(mirror),
		"TF_IN_AUTOMATION=1",
		"TMPDIR=" + l.dir,
		"DEEPCALL_BASE_URL=" + baseURL,
		"DEEPCALL_SSID=bench",
		"DEEPCALL_BENCH_PROVIDER=" + l.tools.provider,
		"DEEPCALL_BENCH_USAGE=" + usage,
	}
}

// cliVersion is what the CLI calls itself, such as "Terraform v1.11.4".
func (l *lab) cliVersion(ctx context.Context) (string, error) {
	command := exec.CommandContext(ctx, l.tools.cli, "version") //nolint:gosec // the caller names it
	command.Env = l.environment(plain, "", "")
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s version: %w", l.tools.cli, err)
	}
	name, _, _ := strings.Cut(string(out), "\n")
	return name, nil
}

// note tells of progress, which is no part of the result.
func (l *lab) note(format string, args ...any) {
	_, _ = fmt.Fprintf(l.progress, format+"\n", args...)
}
