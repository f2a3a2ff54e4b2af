// Command rehearsal goes through a release without publishing it: it builds one
// as a snapshot, twice, with a key that it throws away, reads what came out as
// the registries do, and installs it as a user does, from a mirror and without
// dev_overrides. It asks nobody outside of this machine for anything but Go
// modules, and leaves nothing behind.
//
//	rehearsal [-all] [-tools DIR] CLI...
//
// Each CLI is a Terraform or OpenTofu binary to install with.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
)

// settings are the program's arguments.
type settings struct {
	root  string   // of the repository
	tools string   // folder of goreleaser and cyclonedx-gomod
	all   bool     // build for all platforms, not only for this one
	clis  []string // to install with
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		_, _ = fmt.Fprintf(os.Stderr, "rehearsal: %v\n", err)
		os.Exit(1)
	}
}

// run works in the repository's root, where make starts it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	set := settings{}
	flags := flag.NewFlagSet("rehearsal", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&set.tools, "tools", ".tools", "`folder` of goreleaser and cyclonedx-gomod")
	flags.BoolVar(&set.all, "all", false, "build for all platforms, not only for this one")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if set.clis = flags.Args(); len(set.clis) == 0 {
		return errors.New("name a Terraform or OpenTofu binary to install with")
	}
	var err error
	if set.root, err = filepath.Abs("."); err != nil {
		return err
	}
	if set.tools, err = filepath.Abs(set.tools); err != nil {
		return err
	}
	for i, cli := range set.clis { // before the minutes that the rest takes
		if set.clis[i], err = exec.LookPath(cli); err == nil {
			set.clis[i], err = filepath.Abs(set.clis[i])
		}
		if err != nil {
			return err
		}
	}
	return rehearse(ctx, set, stdout)
}

func rehearse(ctx context.Context, set settings, out io.Writer) (err error) {
	say := func(format string, a ...any) { _, _ = fmt.Fprintf(out, format+"\n", a...) }
	dir, err := os.MkdirTemp("", "rehearsal-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	key, err := newKey(ctx, filepath.Join(dir, "gnupg"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, key.remove(context.WithoutCancel(ctx))) }()

	say("Building the release, twice, in folders and time zones of their own ...")
	platforms := allPlatforms
	if !set.all {
		platforms = []platform{{runtime.GOOS, runtime.GOARCH}}
	}
	trees := [...]string{filepath.Join(dir, "first"), filepath.Join(dir, "elsewhere", "second")}
	// The second is a copy of the first: people may be at work in the original.
	err = errors.Join(copyRepository(ctx, set.root, trees[0]), copyRepository(ctx, trees[0], trees[1]))
	if err != nil {
		return fmt.Errorf("copying the repository: %w", err)
	}
	first, err := build(ctx, set, key, trees[0], "UTC")
	if err != nil {
		return err
	}
	second, err := build(ctx, set, key, trees[1], "Pacific/Auckland")
	if err != nil {
		return err
	}
	say("Built %s: %d archive(s).", first.prefix(), len(platforms))

	if err := first.check(platforms); err != nil {
		return fmt.Errorf("the release is not as it has to be:\n%w", err)
	}
	if err := key.verify(ctx, first.file("SHA256SUMS.sig"), first.file("SHA256SUMS")); err != nil {
		return err
	}
	say("Read: names, contents, checksums, signature, manifest and SBOM are as the registries want them.")

	if err := first.sameAs(second); err != nil {
		return err
	}
	say("Compared: the second build has the same bytes.")

	mirrors, err := newMirrors(filepath.Join(dir, "mirrors"), first)
	if err != nil {
		return fmt.Errorf("putting the release into a mirror: %w", err)
	}
	for _, cli := range set.clis {
		name, err := mirrors.install(ctx, cli)
		if err != nil {
			return fmt.Errorf("installing with %s: %w", cli, err)
		}
		say("Installed with %s: init, plan, apply, a plan without changes, destroy.", name)
	}
	return nil
}
