package clitest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Patience bounds every command of a test, and what else a test waits for. It is
// long, for slow machines: a test that waits for all of it has failed.
const Patience = 2 * time.Minute

// Main runs a package's tests with one box for all of them, and exits.
func Main(m *testing.M, box **Box) {
	flag.Parse()
	code, err := runWithBox(m, box)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runWithBox(m *testing.M, box **Box) (code int, err error) {
	if flag.Lookup("test.list").Value.String() != "" {
		return m.Run(), nil // names need no CLI
	}
	dir, err := os.MkdirTemp("", "deepcall-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	cli, cliErr := FindCLI()
	provider, buildErr := Build(context.Background(), dir)
	if err := errors.Join(cliErr, buildErr); err != nil {
		return 1, err
	}
	if *box, err = New(context.Background(), cli, provider); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, (*box).Close()) }()
	return m.Run(), nil
}

// FindCLI is the CLI to test with: the one that TF_ACC_TERRAFORM_PATH names, or
// terraform or tofu on PATH.
func FindCLI() (string, error) {
	candidates := []string{"terraform", "tofu"}
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		candidates = []string{path}
	}
	for _, c := range candidates {
		if path, err := exec.LookPath(c); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no CLI: %s not found; \"make test\" provides one", strings.Join(candidates, ", "))
}

// Build builds the provider into a folder and returns the binary's path.
func Build(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "terraform-provider-deepcall")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/deepcall/terraform-provider-deepcall") //nolint:gosec // G204: the caller says where to
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the provider: %w\n%s", err, out)
	}
	return binary, nil
}

// Test is the workspace of a test, which it fails where a command cannot be run.
type Test struct {
	*Workspace
	t testing.TB
}

// Test makes a new, empty workspace for a test.
func (b *Box) Test(t testing.TB) *Test {
	t.Helper()
	return &Test{must(b.Workspace())(t), t}
}

// must gives a value to a test, which ends for an error.
func must[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		succeeds(t, err)
		return value
	}
}

func succeeds(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Write writes a file.
func (w *Test) Write(name, text string) {
	w.t.Helper()
	succeeds(w.t, w.Workspace.Write(name, text))
}

// Run runs the CLI, whatever its exit code.
func (w *Test) Run(args ...string) Result {
	w.t.Helper()
	return w.Wait(w.Start(args...))
}

// Exits runs the CLI, which must end with an exit code.
func (w *Test) Exits(code int, args ...string) Result {
	w.t.Helper()
	r := w.Run(args...)
	succeeds(w.t, r.Check(code))
	return r
}

// Start starts the CLI.
func (w *Test) Start(args ...string) *Process {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), Patience)
	w.t.Cleanup(cancel)
	return must(w.Workspace.Start(ctx, args...))(w.t)
}

// Wait waits for the CLI to end.
func (w *Test) Wait(p *Process) Result {
	w.t.Helper()
	return must(p.Wait())(w.t)
}

// State reads the state file.
func (w *Test) State() map[string]Resource {
	w.t.Helper()
	return must(w.Workspace.State())(w.t)
}

// Says fails the test for each phrase that is not in the text of the output.
func (r Result) Says(t testing.TB, phrases ...string) {
	t.Helper()
	for _, phrase := range phrases {
		if !strings.Contains(r.Text(), phrase) {
			t.Errorf("%s does not say %q:\n%s", r.Args, phrase, r.Output)
		}
	}
}
