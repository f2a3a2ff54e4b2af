package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/clitest"
)

// tools are the programs that take part, by absolute path.
type tools struct {
	cli      string // Terraform or OpenTofu
	provider string // the provider as released
	standin  string // the stand-in of the API
	meter    string // what runs the provider and notes what it took
}

// lab is where the work is done: two boxes with the CLI.
type lab struct {
	tools    tools
	boxes    map[string]*clitest.Box
	progress io.Writer
}

// Names of the two boxes: the provider itself, and the meter in its place.
const (
	plain   = "plain"
	metered = "metered"
)

// newLab makes the boxes; close removes them.
func newLab(ctx context.Context, t tools, progress io.Writer) (*lab, error) {
	l := &lab{tools: t, boxes: map[string]*clitest.Box{}, progress: progress}
	for name, binary := range map[string]string{plain: t.provider, metered: t.meter} {
		box, err := clitest.New(ctx, t.cli, binary)
		if err != nil {
			return nil, errors.Join(err, l.close())
		}
		l.boxes[name] = box
	}
	return l, nil
}

func (l *lab) close() (err error) {
	for _, box := range l.boxes {
		err = errors.Join(err, box.Close())
	}
	return err
}

// note tells of progress, which is no part of the result.
func (l *lab) note(format string, args ...any) {
	_, _ = fmt.Fprintf(l.progress, format+"\n", args...)
}

// workspace is one configuration and its state.
type workspace struct {
	*clitest.Workspace
	usage string // where the meter notes what the provider took
}

// open makes a workspace for the configuration and initializes it. The provider
// finds the API at baseURL.
func (l *lab) open(ctx context.Context, box, baseURL, configuration string) (*workspace, error) {
	inner, err := l.boxes[box].Workspace()
	if err != nil {
		return nil, err
	}
	w := &workspace{inner, inner.Path("usage")}
	w.Env["DEEPCALL_BASE_URL"], w.Env["DEEPCALL_SSID"] = baseURL, "bench"
	w.Env["DEEPCALL_BENCH_PROVIDER"], w.Env["DEEPCALL_BENCH_USAGE"] = l.tools.provider, w.usage
	if err := w.Write("main.tf", configuration); err != nil {
		return nil, err
	}
	_, err = w.run(ctx, "init")
	return w, err
}

func (w *workspace) close() error { return os.RemoveAll(w.Dir) }

// assign gives the configuration's variable "roster" its value. A variable file
// costs the CLI less than any expression, so that what is compared is not drowned.
func (w *workspace) assign(roster any) error {
	content, err := json.Marshal(map[string]any{"roster": roster})
	if err != nil {
		return err
	}
	return w.Write("terraform.tfvars.json", string(content))
}

// cost is what a command took.
type cost struct {
	wall time.Duration
	cpu  time.Duration // user and system time of the CLI, the provider included
	// The provider's own part, where it was metered: its user and system time, and
	// the most memory that one process held, in bytes.
	providerCPU  time.Duration
	providerPeak int64
}

// run runs a command of the CLI.
func (w *workspace) run(ctx context.Context, args ...string) (cost, error) {
	if err := os.RemoveAll(w.usage); err != nil {
		return cost{}, err
	}
	start := time.Now()
	r, err := w.Run(ctx, args...)
	c := cost{wall: time.Since(start), cpu: r.CPU}
	if err := errors.Join(err, r.Check(0)); err != nil {
		return cost{}, err
	}
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
