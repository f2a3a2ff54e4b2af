package clitest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Workspace is a folder that the CLI runs in. It lasts as long as its box.
type Workspace struct {
	Dir  string
	Env  map[string]string // the whole environment, for callers to change
	Echo io.Writer         // gets what the CLI prints while it prints it; may be nil
	cli  string
}

// Workspace makes a new, empty one.
func (b *Box) Workspace() (*Workspace, error) {
	dir, err := os.MkdirTemp(b.dir, "work-")
	return &Workspace{Dir: dir, Env: b.environment(), cli: b.cli}, err
}

// Path is the path of a file in the workspace.
func (w *Workspace) Path(name string) string { return filepath.Join(w.Dir, filepath.FromSlash(name)) }

// Write writes a file, such as main.tf, and the folders that lead to it.
func (w *Workspace) Write(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(w.Path(name)), 0o700); err != nil {
		return err
	}
	return os.WriteFile(w.Path(name), []byte(text), 0o600)
}

// Run runs the CLI and waits for it. An exit code other than 0 is a result; an
// error says that the CLI could not be run, or did not end by itself.
func (w *Workspace) Run(ctx context.Context, args ...string) (Result, error) {
	p, err := w.Start(ctx, args...)
	if err != nil {
		return Result{}, err
	}
	return p.Wait()
}

// Process is a CLI at work.
type Process struct {
	args string
	ctx  context.Context //nolint:containedctx // tells in Wait why the process ended
	cmd  *exec.Cmd
	out  bytes.Buffer
}

// Start starts the CLI, together with the provider that it starts, in a process
// group of their own. The end of ctx kills the group. So an interrupt of the
// caller reaches neither.
func (w *Workspace) Start(ctx context.Context, args ...string) (*Process, error) {
	p := &Process{args: strings.Join(args, " "), ctx: ctx, cmd: exec.CommandContext(ctx, w.cli, args...)} //nolint:gosec // G204: the caller says which CLI
	p.cmd.Dir = w.Dir
	for name, value := range w.Env {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	var output io.Writer = &p.out
	if w.Echo != nil {
		output = io.MultiWriter(&p.out, w.Echo)
	}
	p.cmd.Stdout, p.cmd.Stderr = output, output
	p.cmd.WaitDelay = 10 * time.Second
	separate(p.cmd)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", p.args, err)
	}
	return p, nil
}

// Wait waits for the CLI to end.
func (p *Process) Wait() (Result, error) {
	err := p.cmd.Wait()
	state := p.cmd.ProcessState
	r := Result{Args: p.args, ExitCode: state.ExitCode(), Output: p.out.String(), CPU: state.UserTime() + state.SystemTime()}
	exited, ok := errors.AsType[*exec.ExitError](err)
	switch {
	case p.ctx.Err() != nil:
		return r, fmt.Errorf("%s did not end in time: %w\n%s", p.args, p.ctx.Err(), r.Output)
	case err == nil, ok && exited.Exited():
		return r, nil
	}
	return r, fmt.Errorf("%s: %w\n%s", p.args, err, r.Output)
}

// Result is what a command led to.
type Result struct {
	Args     string
	ExitCode int
	Output   string // standard output and standard error, as they came
	// CPU is the user and system time of the CLI and of the processes that it
	// waited for, its provider among them.
	CPU time.Duration
}

// Check returns an error, with the output, for another exit code.
func (r Result) Check(exitCode int) error {
	if r.ExitCode != exitCode {
		return fmt.Errorf("%s: exit code %d, want %d\n%s", r.Args, r.ExitCode, exitCode, r.Output)
	}
	return nil
}

var decoration = regexp.MustCompile(`\x1b\[[0-9;]*m|[│╷╵]`)

// Text is the output without colors, the boxes around messages, and line breaks:
// each run of whitespace is one blank.
func (r Result) Text() string {
	return strings.Join(strings.Fields(decoration.ReplaceAllString(r.Output, "")), " ")
}
