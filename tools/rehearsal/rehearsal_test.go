// Package rehearsal makes a release without publishing it: as a snapshot, twice,
// with a key that it throws away. It reads what came out as the registries do,
// and installs it as a user does, from a mirror. It asks nobody outside of this
// machine for anything but Go modules.
//
// "make release-rehearsal" has it rehearse the last commit:
//
//	go test ./tools/rehearsal -v -args [-all] CLI...
//
// Each CLI is a Terraform or OpenTofu binary to install with.
package rehearsal

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

var all = flag.Bool("all", false, "build for all platforms, not only for this one")

func TestRelease(t *testing.T) {
	if flag.NArg() == 0 {
		t.Skip(`"make release-rehearsal" names the CLIs to install with`)
	}
	prepareEnvironment(t)
	key := makeKey(t)
	t.Log("Building the release, twice, in folders and time zones of their own ...")
	first := build(t, "first", "UTC")
	must(t, first.check(key))
	first.isFoundWhenSpoiled(t, key)
	t.Logf("%s: names, contents, checksums, signature, manifest and SBOM are as the registries want them; %d archive(s).",
		first.prefix(), len(first.platforms))

	second := build(t, "second", "Pacific/Auckland")
	run(t, ".", "cmp", first.file("SHA256SUMS"), second.file("SHA256SUMS"))
	plain := filepath.Join(t.TempDir(), "plain")
	run(t, second.tree, "env", "CGO_ENABLED=0", "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags=-s -w -X main.version="+second.version, "-o", plain, ".")
	built, err := os.ReadFile(plain)
	must(t, err)
	if released, err := first.program(own); err != nil || !bytes.Equal(built, released) {
		t.Fatalf("the command in SECURITY.md gives other bytes than the release has: %v", err)
	}
	t.Log("The second build, and the command in SECURITY.md, give the same bytes.")
	for _, cli := range flag.Args() {
		t.Logf("Installed with %s: init, plan, apply, a plan without changes, destroy.", first.install(t, cli))
	}
}

// prepareEnvironment gives all programs the tools, an empty keyring, and nothing
// that could publish anything.
func prepareEnvironment(t *testing.T) {
	t.Helper()
	tools, err := filepath.Abs(root + "/.tools")
	must(t, err)
	t.Setenv("PATH", tools+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("GOWORK", "off")
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasSuffix(name, "_TOKEN") {
			t.Setenv(name, "")
			must(t, os.Unsetenv(name))
		}
	}
	keyring, err := os.MkdirTemp("", "") // short: sockets are put into it, whose paths are limited
	must(t, err)
	t.Setenv("GNUPGHOME", keyring)
	t.Cleanup(func() { // the agent that gpg starts, and its sockets, which may be elsewhere
		run(t, ".", "gpgconf", "--kill", "all")
		run(t, ".", "gpgconf", "--remove-socketdir")
		must(t, os.RemoveAll(keyring))
	})
}

// run returns what a program prints, which must succeed.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	printed, err := output(dir, name, args...)
	must(t, err)
	return printed
}

func output(dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(context.Background(), name, args...)
	cmd.Dir = dir
	printed, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, printed)
	}
	return string(printed), err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// makeKey makes a key of the kind that Terraform's registry accepts, has it used,
// and returns its fingerprint.
func makeKey(t *testing.T) string {
	t.Helper()
	out := run(t, ".", "gpg", "--batch", "--status-fd", "1", "--pinentry-mode", "loopback", "--passphrase", "",
		"--quick-generate-key", "Rehearsal <rehearsal@example.invalid>", "rsa3072", "sign", "1d")
	created := regexp.MustCompile(`KEY_CREATED P (\w+)`).FindStringSubmatch(out)
	if created == nil {
		t.Fatalf("gpg made no key: %s", out)
	}
	t.Setenv("GPG_FINGERPRINT", created[1])
	return created[1]
}

// build makes the release from a clone, since GoReleaser works in the folder of
// the sources and that folder's name must not show in what it makes.
func build(t *testing.T, name, timeZone string) release {
	t.Helper()
	r := release{tree: filepath.Join(t.TempDir(), name), platforms: allPlatforms}
	run(t, root, "git", "clone", "--quiet", ".", r.tree)
	run(t, r.tree, "git", "remote", "set-url", "origin", "https://github.com/deepcall/"+project+".git")
	run(t, r.tree, "goreleaser", "check", config)
	text, err := os.ReadFile(filepath.Join(r.tree, config))
	must(t, err)
	if !*all {
		r.platforms = []string{own}
		text = narrow(t, text)
	}
	changed := filepath.Join(".git", config)                           // where it does not change the sources
	must(t, os.WriteFile(filepath.Join(r.tree, changed), text, 0o600)) //nolint:gosec // G703: in a folder of the test's own
	run(t, r.tree, "env", "TZ="+timeZone, "goreleaser", "release", "--snapshot", "--config", changed)
	var metadata struct{ Version string }
	must(t, readJSON(filepath.Join(r.tree, "dist", "metadata.json"), &metadata))
	r.version = metadata.Version
	// A snapshot uploads nothing. It is put where a published release has it.
	must(t, os.Link(filepath.Join(r.tree, manifest), r.file("manifest.json")))
	return r
}

// narrow changes GoReleaser's configuration so that it releases for this platform
// alone: a flag makes it build for one, but then it makes no release of it.
func narrow(t *testing.T, text []byte) []byte {
	t.Helper()
	for name, value := range map[string]string{"goos": runtime.GOOS, "goarch": runtime.GOARCH} {
		line := regexp.MustCompile(`(?m)^    ` + name + `: \[.*\]$`)
		if n := len(line.FindAll(text, -1)); n != 1 {
			t.Fatalf("%s: want one line of %s, found %d", config, name, n)
		}
		text = line.ReplaceAll(text, []byte("    "+name+`: ["`+value+`"]`))
	}
	return text
}
