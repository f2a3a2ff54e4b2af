package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/clitest"
)

// step is a command in the life of a roster.
type step struct{ name, args string }

// The steps, in their order. Apply creates the roster, update adds one agent.
var (
	planning = step{"plan", "plan"}
	applying = step{"apply", "apply -auto-approve"}
	noChange = step{"plan with no change", "plan -detailed-exitcode"} // 0 says that there is none
	updating = step{"update by one agent", "apply -auto-approve"}

	allSteps = []step{planning, applying, noChange, updating}
)

// subject is a way to hold a roster, whose cost is measured.
type subject struct {
	name     string
	roster   string // "map" from ID to label, or "set" of IDs
	resource string
}

var (
	agentMap = subject{"agents", "map", `"deepcall_agent_cad" "roster" { agents = var.roster }`}
	agentSet = subject{"agent_ids", "set", `"deepcall_agent_cad" "roster" { agent_ids = var.roster }`}
	coreMap  = subject{"core, map", "map", `"terraform_data" "roster" { input = var.roster }`}
	coreSet  = subject{"core, set", "set", `"terraform_data" "roster" { input = var.roster }`}
	oneEach  = subject{"one resource each", "set", "\"deepcall_agent_cad\" \"one\" {\n  for_each  = var.roster\n  agent_ids = [each.key]\n}"}
	coreEach = subject{"core, one resource each", "set", "\"terraform_data\" \"one\" {\n  for_each = var.roster\n  input    = [each.key]\n}"}
)

const own = `terraform {
  required_providers {
    deepcall = { source = "deepcall/deepcall" }
  }
}

provider "deepcall" {
  max_concurrent_requests = %d
}

`

// experiment is what to measure: the steps that a roster takes.
type experiment struct {
	subject
	agents   int
	inFlight int // requests; 0: core alone
	box      *clitest.Box
}

func (e experiment) configuration() string {
	text := fmt.Sprintf("variable \"roster\" { type = %s(string) }\n\nresource %s\n", e.roster, e.resource)
	if e.inFlight > 0 {
		text = fmt.Sprintf(own, e.inFlight) + text
	}
	return text
}

// write gives the configuration's variable a roster of n agents. A variable file
// costs the CLI less than any expression, so that what is compared is not drowned.
func (e experiment) write(w *clitest.Workspace, n int) error {
	ids, labels := make([]string, n), make(map[string]string, n)
	for i := range ids {
		ids[i] = fmt.Sprint(100_000 + i)
		labels[ids[i]] = fmt.Sprint("Agent ", i)
	}
	content, err := json.Marshal(map[string]any{"roster": map[string]any{"set": ids, "map": labels}[e.roster]})
	if err != nil {
		return err
	}
	return w.Write("terraform.tfvars.json", string(content))
}

// quantity is something that a command takes: seconds, MiB, or requests.
type quantity int

const (
	wall        quantity = iota
	cpu                  // user and system time of the CLI, the provider included
	providerCPU          // the provider's own, where it is metered
	memory               // the most that one process of the provider has held so far, where it is metered
	requests             // that the API has received
	api                  // from the first request's arrival to the last one's answer
	quantities
)

type cost [quantities]float64

// samples are what the steps took, run by run.
type samples map[step][]cost

func (s samples) median(of step, q quantity) float64 {
	var values []float64
	for _, c := range s[of] {
		values = append(values, c[q])
	}
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

// alternate runs the experiments of a part, with another one first each time, so
// that what disturbs the machine falls on all of them alike.
func (b *bench) alternate(ctx context.Context, p part) ([]samples, error) {
	results := make([]samples, len(p.experiments))
	for i := range results {
		results[i] = samples{}
	}
	b.api.SetLatency(p.latency)
	for run := range p.runs {
		for turn := range p.experiments {
			i := (run + turn) % len(p.experiments)
			if err := b.live(ctx, p, p.experiments[i], results[i]); err != nil {
				return nil, fmt.Errorf("%s: %s, %d agents: %w", p.name, p.experiments[i].name, p.experiments[i].agents, err)
			}
		}
	}
	return results, nil
}

// live runs the steps in a workspace of their own, and adds what they took.
func (b *bench) live(ctx context.Context, p part, e experiment, to samples) (err error) {
	w, err := e.box.Workspace()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(w.Dir)) }()
	w.Env["DEEPCALL_BASE_URL"], w.Env["DEEPCALL_SSID"] = b.api.URL(), "bench"
	w.Env[meteredVariable], w.Env[usageVariable] = b.provider, w.Path("usage")
	if err := errors.Join(w.Write("main.tf", e.configuration()), e.write(w, e.agents), new(cost).measure(ctx, w, "init")); err != nil {
		return err
	}
	var c cost
	for _, s := range p.steps {
		if s == updating {
			if err := e.write(w, e.agents+1); err != nil {
				return err
			}
		}
		b.api.ResetRequests()
		if err := c.measure(ctx, w, s.args); err != nil {
			return err
		}
		c[requests], c[api] = 0, 0
		if seen := b.api.Requests(); len(seen) > 0 {
			c[requests], c[api] = float64(len(seen)), (seen[len(seen)-1].At.Sub(seen[0].At) + p.latency).Seconds()
		}
		if e.box == b.metered && (c[providerCPU] == 0 || c[providerCPU] > c[cpu]) {
			return fmt.Errorf("%s: the provider took %s of the CLI's %s", s.name, seconds(c[providerCPU]), seconds(c[cpu]))
		}
		fmt.Fprintf(os.Stderr, "%s, %d agents: %s: %s CPU, %s\n", e.name, e.agents, s.name, seconds(c[cpu]), seconds(c[wall]))
		to[s] = append(to[s], c)
	}
	return nil
}

// measure runs a command, which has to succeed.
func (c *cost) measure(ctx context.Context, w *clitest.Workspace, args string) error {
	start := time.Now()
	result, err := w.Run(ctx, strings.Fields(args)...)
	c[wall], c[cpu], c[providerCPU] = time.Since(start).Seconds(), result.CPU.Seconds(), 0
	usage, _ := os.ReadFile(w.Path("usage")) // if it is metered
	for line := range strings.Lines(string(usage)) {
		var used, held float64
		if _, err := fmt.Sscan(line, &used, &held); err != nil {
			return err
		}
		c[providerCPU] += used
		c[memory] = max(c[memory], held)
	}
	return errors.Join(err, result.Check(0), os.RemoveAll(w.Path("usage")))
}

// The environment that tells the meter its work.
const (
	meteredVariable = "DEEPCALL_BENCH_PROVIDER" // the real provider's path
	usageVariable   = "DEEPCALL_BENCH_USAGE"    // the file to append a line to
)

// meter stands in the provider's place: it runs the real one and, when that has
// ended, appends to the file its user and system time in seconds and the most
// memory that it held, in MiB (on Linux).
func meter(provider string, args []string) error {
	// An interrupt is for the provider to handle; it is still counted after it.
	signal.Ignore(os.Interrupt)
	cmd := exec.Command(provider, args...) //nolint:noctx,gosec // the CLI ends it, and the benchmark names it
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if cmd.ProcessState == nil {
		return err
	}
	used, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.New("this system does not say what a process took")
	}
	f, openErr := os.OpenFile(os.Getenv(usageVariable), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // G703: the benchmark names it
	if openErr != nil {
		return errors.Join(err, openErr)
	}
	// In one piece: providers may end at the same time.
	_, writeErr := fmt.Fprintln(f, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), float64(used.Maxrss)/1024)
	return errors.Join(err, writeErr, f.Close())
}
