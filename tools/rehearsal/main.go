// Command rehearsal makes a release without publishing it: as a snapshot, twice,
// with a key that it throws away. It reads what came out as the registries do,
// and installs it as a user does, from a mirror. It asks nobody outside of this
// machine for anything but Go modules, and leaves nothing behind.
//
//	rehearsal [-all] [-tools DIR] CLI...
//
// It rehearses the last commit. Each CLI is a Terraform or OpenTofu binary to
// install with.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const project = "terraform-provider-deepcall"

func main() {
	tools := flag.String("tools", ".tools", "`folder` of goreleaser and cyclonedx-gomod")
	all := flag.Bool("all", false, "build for all platforms, not only for this one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := rehearse(ctx, *tools, *all, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "rehearsal:", err)
		os.Exit(1)
	}
}

// rehearse works in the repository's root, where make starts it.
func rehearse(ctx context.Context, tools string, all bool, clis []string) (err error) {
	if len(clis) == 0 {
		return errors.New("name a Terraform or OpenTofu binary to install with")
	}
	dir, err := os.MkdirTemp("", "rehearsal-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := prepareEnvironment(tools, dir); err != nil {
		return err
	}
	defer func() { // the agent that gpg starts, and its sockets, which may be elsewhere
		_, stop := run(context.WithoutCancel(ctx), ".", "gpgconf", "--kill", "all")
		_, tidy := run(context.WithoutCancel(ctx), ".", "gpgconf", "--remove-socketdir")
		err = errors.Join(err, stop, tidy)
	}()
	key, err := makeKey(ctx)
	if err != nil {
		return err
	}
	say("Building the release, twice, in folders and time zones of their own ...")
	first, err := build(ctx, filepath.Join(dir, "first"), "UTC", all)
	if err != nil {
		return err
	}
	if err := first.check(ctx, key); err != nil {
		return fmt.Errorf("the release is not as it has to be:\n%w", err)
	}
	say("%s: names, contents, checksums, signature, manifest and SBOM are as the registries want them; %d archive(s).",
		first.prefix(), len(first.platforms))
	second, err := build(ctx, filepath.Join(dir, "elsewhere", "second"), "Pacific/Auckland", all)
	if err != nil {
		return err
	}
	if err := compare(ctx, first, second); err != nil {
		return err
	}
	say("The second build, and the command in SECURITY.md, give the same bytes.")
	for _, cli := range clis {
		name, err := install(ctx, cli, first, dir)
		if err != nil {
			return fmt.Errorf("installing with %s: %w", cli, err)
		}
		say("Installed with %s: init, plan, apply, a plan without changes, destroy.", name)
	}
	return nil
}

func say(format string, a ...any) { _, _ = fmt.Fprintf(os.Stdout, format+"\n", a...) }

// prepareEnvironment gives all programs the tools, an empty keyring in a folder,
// and nothing that could publish anything.
func prepareEnvironment(tools, dir string) error {
	tools, err := filepath.Abs(tools)
	keyring := filepath.Join(dir, "gnupg")
	err = errors.Join(err, os.Mkdir(keyring, 0o700), os.Setenv("GNUPGHOME", keyring), os.Setenv("GOWORK", "off"),
		os.Setenv("PATH", tools+string(os.PathListSeparator)+os.Getenv("PATH")))
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasSuffix(name, "_TOKEN") {
			err = errors.Join(err, os.Unsetenv(name))
		}
	}
	return err
}

// run returns what a program prints. An error shows that, too.
func run(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // G204: one of those that are named below
	cmd.Dir = dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // so that it can clean up
	cmd.WaitDelay = 20 * time.Second
	var printed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &printed
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, &printed)
	}
	return printed.String(), nil
}

// makeKey makes a key of the kind that Terraform's registry accepts, has it used,
// and returns its fingerprint.
func makeKey(ctx context.Context) (string, error) {
	out, err := run(ctx, ".", "gpg", "--batch", "--status-fd", "1", "--pinentry-mode", "loopback", "--passphrase", "",
		"--quick-generate-key", "Rehearsal <rehearsal@example.invalid>", "rsa3072", "sign", "1d")
	if err != nil {
		return "", err
	}
	_, created, found := strings.Cut(out, "KEY_CREATED P ")
	if !found {
		return "", fmt.Errorf("gpg made no key: %s", out)
	}
	fingerprint := strings.Fields(created)[0]
	return fingerprint, os.Setenv("GPG_FINGERPRINT", fingerprint)
}

func readJSON(file string, v any) error {
	content, err := os.ReadFile(file) //nolint:gosec // G304: in the rehearsal's own folder
	if err != nil {
		return err
	}
	return json.Unmarshal(content, v)
}
