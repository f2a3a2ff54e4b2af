package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

const (
	project       = "terraform-provider-deepcall"
	configuration = ".goreleaser.yml"
	origin        = "https://github.com/deepcall/" + project + ".git"
)

// build makes a release, as a snapshot, from a copy of the repository. A copy,
// because GoReleaser puts what it makes into the folder that it works in, and
// because that folder's name must not show in the release.
func build(ctx context.Context, set settings, k *key, tree, timeZone string) (release, error) {
	config := configuration
	if !set.all {
		// GoReleaser builds for one platform, but makes no release of it: so the
		// list of platforms is the one thing that is changed. Below .git, the
		// other configuration is no change to the sources.
		config = filepath.Join(".git", configuration)
		if err := narrow(filepath.Join(tree, configuration), filepath.Join(tree, config)); err != nil {
			return release{}, err
		}
	}
	env := append(withoutTokens(os.Environ()),
		"PATH="+set.tools+string(os.PathListSeparator)+os.Getenv("PATH"),
		"GOWORK=off",
		"TZ="+timeZone,
		"GNUPGHOME="+k.home,
		"GPG_FINGERPRINT="+k.fingerprint,
	)
	for _, args := range [][]string{
		{"check", configuration},
		{"release", "--snapshot", "--config", config},
	} {
		cmd := exec.CommandContext(ctx, filepath.Join(set.tools, "goreleaser"), args...) //nolint:gosec // G204: it is the caller's to say where the tools are
		cmd.Dir, cmd.Env = tree, env
		interruptible(cmd)
		if out, err := cmd.CombinedOutput(); err != nil {
			return release{}, fmt.Errorf("goreleaser %s: %w\n%s", args[0], err, out)
		}
	}
	dist := filepath.Join(tree, "dist")
	var metadata struct{ Version string }
	if err := readJSON(filepath.Join(dist, "metadata.json"), &metadata); err != nil {
		return release{}, err
	}
	return release{tree, dist, metadata.Version}, nil
}

// copyRepository copies what is committed and what is not yet, without what is
// ignored. A copy without changes counts as such.
func copyRepository(ctx context.Context, root, tree string) error {
	git := func(dir string, args ...string) ([]byte, error) {
		cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir}, args...)...) //nolint:gosec // G204: the arguments are this program's
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("git %s: %w\n%s", args[0], err, &stderr)
		}
		return out, nil
	}
	if err := os.MkdirAll(tree, 0o700); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"clone", "--quiet", "--no-checkout", root, "."},
		{"reset", "--quiet"},
		{"remote", "set-url", "origin", origin},
	} {
		if _, err := git(tree, args...); err != nil {
			return err
		}
	}
	files, err := git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(files), "\x00"), "\x00") {
		if err := copyFile(filepath.Join(root, name), filepath.Join(tree, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err // a file that does not exist has been deleted and not yet committed
		}
	}
	return nil
}

// copyFile copies a file with its mode, and makes the folders on the way.
func copyFile(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(from) //nolint:gosec // G304: a file of the repository
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return os.WriteFile(to, content, info.Mode().Perm()) //nolint:gosec // G703: into the rehearsal's own folder
}

// narrow writes GoReleaser's configuration with this platform in place of all.
func narrow(from, to string) error {
	config, err := os.ReadFile(from) //nolint:gosec // G304: in the rehearsal's own folder
	if err != nil {
		return err
	}
	for name, own := range map[string]string{"goos": runtime.GOOS, "goarch": runtime.GOARCH} {
		list := regexp.MustCompile(`(?m)^    ` + name + `: \[.*\]$`)
		found := list.FindAll(config, -1)
		if len(found) != 1 {
			return fmt.Errorf("%s: want one line with the list of %s, found %d", configuration, name, len(found))
		}
		if !regexp.MustCompile(`\b` + own + `\b`).Match(found[0]) {
			return fmt.Errorf("%s releases nothing for %s %s, which this machine is", configuration, name, own)
		}
		config = list.ReplaceAllLiteral(config, []byte("    "+name+`: ["`+own+`"]`))
	}
	return os.WriteFile(to, config, 0o600) //nolint:gosec // G703: into the rehearsal's own folder
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

// interruptible lets a command that its context ends clean up after itself.
func interruptible(cmd *exec.Cmd) {
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
}

func readJSON(file string, v any) error {
	content, err := os.ReadFile(file) //nolint:gosec // G304: in the rehearsal's own folder
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, v); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	return nil
}
