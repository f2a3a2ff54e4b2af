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
	"runtime"
	"strings"
	"syscall"
	"time"

	"go.yaml.in/yaml/v3"
)

const (
	project = "terraform-provider-deepcall"
	config  = ".goreleaser.yml"
)

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
	if tools, err = filepath.Abs(tools); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "rehearsal-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	s := stage{dir: dir, all: all, env: append(withoutTokens(os.Environ()),
		"PATH="+tools+string(os.PathListSeparator)+os.Getenv("PATH"), "GOWORK=off", "GNUPGHOME="+filepath.Join(dir, "gnupg"))}
	defer func() { // the agent that gpg starts, and its sockets, which may be elsewhere
		_, stop := s.run(context.WithoutCancel(ctx), ".", "gpgconf", "--kill", "all")
		_, tidy := s.run(context.WithoutCancel(ctx), ".", "gpgconf", "--remove-socketdir")
		err = errors.Join(err, stop, tidy)
	}()
	if err := s.makeKey(ctx); err != nil {
		return err
	}
	say("Building the release, twice, in folders and time zones of their own ...")
	first, err := s.build(ctx, "first", "UTC")
	if err != nil {
		return err
	}
	if err := s.check(ctx, first); err != nil {
		return fmt.Errorf("the release is not as it has to be:\n%w", err)
	}
	say("%s: names, contents, checksums, signature, manifest and SBOM are as the registries want them; %d archive(s).",
		first.prefix(), len(first.platforms))
	second, err := s.build(ctx, filepath.Join("elsewhere", "second"), "Pacific/Auckland")
	if err != nil {
		return err
	}
	if err := s.compare(ctx, first, second); err != nil {
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

// stage is where the release is rehearsed: a folder, and the environment that
// every program runs in.
type stage struct {
	dir         string
	all         bool
	env         []string
	fingerprint string // of the key
}

// run returns what a program prints. An error shows that, too.
func (s *stage) run(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "env", append([]string{name}, args...)...) //nolint:gosec // G204: "env" finds the program on the PATH below
	cmd.Dir, cmd.Env = dir, s.env
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // so that it can clean up
	cmd.WaitDelay = 20 * time.Second
	var printed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &printed
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, &printed)
	}
	return printed.String(), nil
}

// makeKey makes a key of the kind that Terraform's registry accepts.
func (s *stage) makeKey(ctx context.Context) error {
	if err := os.Mkdir(filepath.Join(s.dir, "gnupg"), 0o700); err != nil {
		return err
	}
	out, err := s.run(ctx, ".", "gpg", "--batch", "--status-fd", "1", "--pinentry-mode", "loopback", "--passphrase", "",
		"--quick-generate-key", "Rehearsal <rehearsal@example.invalid>", "rsa3072", "sign", "1d")
	if err != nil {
		return err
	}
	_, created, found := strings.Cut(out, "KEY_CREATED P ")
	if !found {
		return fmt.Errorf("gpg made no key: %s", out)
	}
	s.fingerprint = strings.Fields(created)[0]
	s.env = append(s.env, "GPG_FINGERPRINT="+s.fingerprint)
	return nil
}

// build makes the release from a clone, since GoReleaser works in the folder of
// the sources and that folder's name must not show in what it makes.
func (s *stage) build(ctx context.Context, name, timeZone string) (r release, err error) {
	r.tree = filepath.Join(s.dir, name)
	for _, args := range [][]string{
		{"clone", "--quiet", ".", r.tree},
		{"-C", r.tree, "remote", "set-url", "origin", "https://github.com/deepcall/" + project + ".git"},
	} {
		if _, err := s.run(ctx, ".", "git", args...); err != nil {
			return r, err
		}
	}
	// Below .git, the other configuration does not change the sources.
	if r.platforms, err = narrow(r.tree, filepath.Join(r.tree, ".git", config), s.all); err != nil {
		return r, fmt.Errorf("%s: %w", config, err)
	}
	for _, args := range [][]string{{"check", config}, {"release", "--snapshot", "--config", filepath.Join(".git", config)}} {
		if _, err := s.run(ctx, r.tree, "env", append([]string{"TZ=" + timeZone, "goreleaser"}, args...)...); err != nil {
			return r, err
		}
	}
	var metadata struct{ Version string }
	err = readJSON(filepath.Join(r.tree, "dist", "metadata.json"), &metadata)
	r.version = metadata.Version
	return r, err
}

// narrow writes GoReleaser's configuration to a file, for this platform unless
// for all: GoReleaser builds for one, but makes no release of it.
func narrow(tree, to string, all bool) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(tree, config)) //nolint:gosec // G304: in the rehearsal's own folder
	if err != nil {
		return nil, err
	}
	var whole map[string]any
	var known struct {
		Builds  []struct{ Goos, Goarch []string }
		Release struct {
			Files []struct{ Glob string } `yaml:"extra_files"`
		}
	}
	if err := errors.Join(yaml.Unmarshal(text, &whole), yaml.Unmarshal(text, &known)); err != nil {
		return nil, err
	}
	// A snapshot uploads nothing, so what would be uploaded is read here.
	if len(known.Builds) != 1 || len(known.Release.Files) != 1 || known.Release.Files[0].Glob != manifest {
		return nil, fmt.Errorf("want one build, and %s as the extra file of the release", manifest)
	}
	platforms := allPlatforms
	if !all {
		platforms = []string{runtime.GOOS + "_" + runtime.GOARCH}
		build, ok := whole["builds"].([]any)[0].(map[string]any)
		if !ok {
			return nil, errors.New("the build is not a mapping")
		}
		build["goos"], build["goarch"] = []string{runtime.GOOS}, []string{runtime.GOARCH}
	}
	if text, err = yaml.Marshal(whole); err != nil {
		return nil, err
	}
	return platforms, os.WriteFile(to, text, 0o600)
}

// withoutTokens leaves out what could publish something.
func withoutTokens(env []string) []string {
	var kept []string
	for _, e := range env {
		if name, _, _ := strings.Cut(e, "="); !strings.HasSuffix(name, "_TOKEN") {
			kept = append(kept, e)
		}
	}
	return kept
}

func readJSON(file string, v any) error {
	content, err := os.ReadFile(file) //nolint:gosec // G304: in the rehearsal's own folder
	if err != nil {
		return err
	}
	return json.Unmarshal(content, v)
}
