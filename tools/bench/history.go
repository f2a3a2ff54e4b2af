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
)

// subject is a way to hold a roster, whose cost is measured.
type subject struct {
	name     string
	set      bool // a set of IDs, not a map from ID to label
	resource string
	provider bool // otherwise core alone
	inFlight int  // requests
}

var (
	agentMap = subject{"agents", false, `"deepcall_agent_cad" "roster" { agents = var.roster }`, true, 1}
	agentSet = subject{"agent_ids", true, `"deepcall_agent_cad" "roster" { agent_ids = var.roster }`, true, 1}
	coreMap  = subject{"core, map", false, `"terraform_data" "roster" { input = var.roster }`, false, 0}
	coreSet  = subject{"core, set", true, `"terraform_data" "roster" { input = var.roster }`, false, 0}
	oneEach  = subject{"one resource each", true, "\"deepcall_agent_cad\" \"one\" {\n  for_each  = var.roster\n  agent_ids = [each.key]\n}", true, 1}
	coreEach = subject{"core, one resource each", true, "\"terraform_data\" \"one\" {\n  for_each = var.roster\n  input    = [each.key]\n}", false, 0}
)

func (s subject) configuration() string {
	kind, provider := "map", ""
	if s.set {
		kind = "set"
	}
	if s.provider {
		provider = fmt.Sprintf(`terraform {
  required_providers {
    deepcall = { source = "deepcall/deepcall" }
  }
}

provider "deepcall" {
  max_concurrent_requests = %d
}

`, s.inFlight)
	}
	return fmt.Sprintf("%svariable \"roster\" { type = %s(string) }\n\nresource %s\n", provider, kind, s.resource)
}

// write gives the configuration's variable a roster of n agents. A variable file
// costs the CLI less than any expression, so that what is compared is not drowned.
func (s subject) write(w *clitest.Workspace, n int) error {
	ids, labels := make([]string, n), make(map[string]string, n)
	for i := range ids {
		ids[i] = fmt.Sprint(100_000 + i)
		labels[ids[i]] = fmt.Sprint("Agent ", i)
	}
	roster := map[string]any{"roster": labels}
	if s.set {
		roster["roster"] = ids
	}
	content, err := json.Marshal(roster)
	if err != nil {
		return err
	}
	return w.Write("terraform.tfvars.json", string(content))
}

// cost is what a command took.
type cost struct {
	wall, cpu time.Duration // cpu: user and system time of the CLI, the provider included

	// The provider's own part, where it was metered: its CPU, and the most memory
	// that one process of it held, in bytes.
	providerCPU time.Duration
	peak        int64

	// What the API saw: requests, and the time from the first one's arrival to the
	// last one's answer.
	requests int64
	api      time.Duration
}

func wall(c cost) time.Duration        { return c.wall }
func cpu(c cost) time.Duration         { return c.cpu }
func providerCPU(c cost) time.Duration { return c.providerCPU }
func api(c cost) time.Duration         { return c.api }
func requests(c cost) int64            { return c.requests }

// samples are what the steps took, run by run.
type samples map[step][]cost

// medianOf is the median of a part of the costs.
func medianOf[N ~int64](costs []cost, part func(cost) N) N {
	values := make([]N, len(costs))
	for i, c := range costs {
		values[i] = part(c)
	}
	return median(values)
}

// peak is the median over the runs of the most memory in any step.
func (s samples) peak() int64 {
	var peaks []int64
	for _, costs := range s {
		for i, c := range costs {
			if i == len(peaks) {
				peaks = append(peaks, 0)
			}
			peaks[i] = max(peaks[i], c.peak)
		}
	}
	return median(peaks)
}

// median is the middle of the values, and of an even number of them the mean of
// the two in the middle.
func median[N ~int64](values []N) N {
	values = slices.Sorted(slices.Values(values))
	low, high := values[(len(values)-1)/2], values[len(values)/2]
	return low + (high-low)/2
}

// experiment is what to measure: the steps that a roster takes.
type experiment struct {
	subject
	agents int
	box    *clitest.Box
}

// alternate runs the experiments that many times, with another one first each
// time, so that what disturbs the machine falls on all of them alike.
func (b *bench) alternate(ctx context.Context, runs int, steps []step, experiments ...experiment) ([]samples, error) {
	results := make([]samples, len(experiments))
	for i := range results {
		results[i] = samples{}
	}
	for run := range runs {
		for turn := range experiments {
			i := (run + turn) % len(experiments)
			if err := b.live(ctx, experiments[i], steps, results[i]); err != nil {
				return nil, fmt.Errorf("%s, %d agents: %w", experiments[i].name, experiments[i].agents, err)
			}
		}
	}
	return results, nil
}

// live runs the steps in a workspace of their own, and adds what they took.
func (b *bench) live(ctx context.Context, e experiment, steps []step, to samples) (err error) {
	w, err := e.box.Workspace()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(w.Dir)) }()
	w.Env["DEEPCALL_BASE_URL"], w.Env["DEEPCALL_SSID"] = b.api.URL(), "bench"
	w.Env[meteredVariable], w.Env[usageVariable] = b.provider, w.Path("usage")
	if err := errors.Join(w.Write("main.tf", e.configuration()), e.write(w, e.agents)); err != nil {
		return err
	}
	if _, err := measure(ctx, w, step{"init", "init"}); err != nil {
		return err
	}
	for _, s := range steps {
		if s == updating {
			if err := e.write(w, e.agents+1); err != nil {
				return err
			}
		}
		b.api.ResetRequests()
		c, err := measure(ctx, w, s)
		if err != nil {
			return err
		}
		if seen := b.api.Requests(); len(seen) > 0 {
			c.requests, c.api = int64(len(seen)), seen[len(seen)-1].At.Sub(seen[0].At)+latency
		}
		if e.box == b.metered && (c.providerCPU == 0 || c.providerCPU > c.cpu) {
			return fmt.Errorf("%s: the provider took %s of the CLI's %s", s.name, c.providerCPU, c.cpu)
		}
		fmt.Fprintf(os.Stderr, "%s, %s agents: %s: %s CPU, %s\n", e.name, thousands(e.agents), s.name, seconds(c.cpu), seconds(c.wall))
		to[s] = append(to[s], c)
	}
	return nil
}

func measure(ctx context.Context, w *clitest.Workspace, s step) (cost, error) {
	if err := os.RemoveAll(w.Path("usage")); err != nil {
		return cost{}, err
	}
	start := time.Now()
	result, err := w.Run(ctx, strings.Fields(s.args)...)
	c := cost{wall: time.Since(start), cpu: result.CPU}
	if err := errors.Join(err, result.Check(0)); err != nil {
		return c, err
	}
	usage, _ := os.ReadFile(w.Path("usage")) // a line for each process of the provider, if it was metered
	for line := range strings.Lines(string(usage)) {
		var cpu time.Duration
		var peak int64
		if _, err := fmt.Sscan(line, &cpu, &peak); err != nil {
			return c, err
		}
		c.providerCPU += cpu
		c.peak = max(c.peak, peak*1024)
	}
	return c, nil
}

// The environment that tells the meter its work.
const (
	meteredVariable = "DEEPCALL_BENCH_PROVIDER" // the real provider's path
	usageVariable   = "DEEPCALL_BENCH_USAGE"    // the file to append a line to
)

// meter stands in the provider's place: it runs the real one and, when that has
// ended, appends "CPU PEAK" to the file: its user and system time in nanoseconds
// and the most memory that it held, in kibibytes (on Linux).
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
	_, writeErr := fmt.Fprintln(f, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Nanoseconds(), used.Maxrss)
	return errors.Join(err, writeErr, f.Close())
}
