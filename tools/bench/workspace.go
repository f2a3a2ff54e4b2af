package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// workspace is a directory that the CLI works in: one configuration and its state.
type workspace struct {
	cli   string
	dir   string
	env   []string
	usage string // where the meter notes what the provider took
}

// open makes a workspace for the configuration and initializes it. The provider
// comes from the mirror and finds the API at baseURL.
func (l *lab) open(ctx context.Context, mirror, baseURL, configuration string) (*workspace, error) {
	dir, err := os.MkdirTemp(l.dir, "workspace-")
	if err != nil {
		return nil, err
	}
	usage := filepath.Join(dir, "usage")
	w := &workspace{cli: l.tools.cli, dir: dir, env: l.environment(mirror, baseURL, usage), usage: usage}
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(configuration), 0o600); err != nil {
		return nil, err
	}
	_, err = w.run(ctx, "init")
	return w, err
}

func (w *workspace) close() error { return os.RemoveAll(w.dir) }

// assign gives the configuration's variable "roster" its value. A variable file
// costs the CLI less than any expression, so that what is compared is not drowned.
func (w *workspace) assign(roster any) error {
	content, err := json.Marshal(map[string]any{"roster": roster})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(w.dir, "terraform.tfvars.json"), content, 0o600)
}

// cost is what a command took.
type cost struct {
	wall time.Duration
	// cpu is the user and system time of the CLI and of every process that it
	// waited for, which its provider is one of.
	cpu time.Duration
	// The provider's own part, where it was metered: its user and system time, and
	// the most memory that one process held, in bytes.
	providerCPU  time.Duration
	providerPeak int64
}

// run runs a command of the CLI. What it prints shows up only in an error.
func (w *workspace) run(ctx context.Context, subcommand string, args ...string) (cost, error) {
	if err := os.Remove(w.usage); err != nil && !errors.Is(err, os.ErrNotExist) {
		return cost{}, err
	}
	args = append([]string{subcommand, "-no-color", "-input=false"}, args...)
	command := exec.CommandContext(ctx, w.cli, args...) //nolint:gosec // the caller names it
	command.Dir, command.Env = w.dir, w.env
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGINT) }
	command.WaitDelay = time.Minute // then it is killed
	var stderr bytes.Buffer
	command.Stderr = &stderr // standard output goes nowhere: a plan of 10,000 agents is long

	start := time.Now()
	err := command.Run()
	wall := time.Since(start)
	if err != nil {
		return cost{}, fmt.Errorf("%s %s: %w\n%s", w.cli, strings.Join(args, " "), err, stderr.String())
	}
	// On Linux and the BSDs these include every child that was waited for.
	c := cost{wall: wall, cpu: command.ProcessState.UserTime() + command.ProcessState.SystemTime()}
	if err := w.readUsage(&c); err != nil {
		return cost{}, err
	}
	if c.providerCPU > c.cpu {
		return cost{}, fmt.Errorf("the provider took %s, the CLI with its children %s: it did not wait for its provider", c.providerCPU, c.cpu)
	}
	return c, nil
}

// readUsage adds up the meter's lines, one for each process of the provider. None
// are there when the provider was not metered.
func (w *workspace) readUsage(c *cost) error {
	content, err := os.ReadFile(w.usage)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(content)) {
		var cpu time.Duration
		var peak int64
		if _, err := fmt.Sscan(line, &cpu, &peak); err != nil {
			return fmt.Errorf("the meter's line %q: %w", line, err)
		}
		c.providerCPU += cpu
		c.providerPeak = max(c.providerPeak, peak*1024)
	}
	return nil
}
