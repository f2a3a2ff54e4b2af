package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// step is a command in the life of a roster.
type step string

// The steps, in their order. Apply creates the roster, update adds one agent.
const (
	planning step = "plan"
	applying step = "apply"
	noChange step = "plan with no change"
	updating step = "update by one agent"
)

// experiment is a history to measure: the steps that a roster of a subject takes.
type experiment struct {
	subject subject
	agents  int
	steps   []step
	mirror  string // plain or metered
	baseURL string
}

// samples are what the steps took, run by run.
type samples map[step][]cost

// cpu is the median of the user and system time of the CLI and its provider.
func (s samples) cpu(of step) time.Duration {
	return median(s[of], func(c cost) time.Duration { return c.cpu })
}

func (s samples) wall(of step) time.Duration {
	return median(s[of], func(c cost) time.Duration { return c.wall })
}

func (s samples) providerCPU(of step) time.Duration {
	return median(s[of], func(c cost) time.Duration { return c.providerCPU })
}

// providerPeak is the median over the runs of the most memory that the provider
// held in any step, in bytes.
func (s samples) providerPeak() int64 {
	var peaks []int64
	for _, costs := range s {
		for run, c := range costs {
			if run == len(peaks) {
				peaks = append(peaks, 0)
			}
			peaks[run] = max(peaks[run], c.providerPeak)
		}
	}
	return median(peaks, func(peak int64) int64 { return peak })
}

// alternate runs the experiments that many times, in turn and with another one
// first each time, so that what disturbs the machine falls on all of them alike.
func (l *lab) alternate(ctx context.Context, runs int, experiments ...experiment) ([]samples, error) {
	results := make([]samples, len(experiments))
	for i := range results {
		results[i] = samples{}
	}
	for run := range runs {
		for turn := range experiments {
			i := (run + turn) % len(experiments)
			if err := l.live(ctx, experiments[i], results[i]); err != nil {
				return nil, err
			}
		}
	}
	return results, nil
}

// live runs one history in a workspace of its own, and adds what its steps took.
func (l *lab) live(ctx context.Context, e experiment, to samples) (err error) {
	w, err := l.open(ctx, e.mirror, e.baseURL, e.subject.configuration)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.assign(e.subject.roster(e.agents)); err != nil {
		return err
	}
	for _, s := range e.steps {
		c, err := w.take(ctx, s, e)
		if err != nil {
			return fmt.Errorf("%s, %d agents: %s: %w", e.subject.name, e.agents, s, err)
		}
		if e.mirror == metered && c.providerCPU == 0 {
			return fmt.Errorf("%s, %d agents: %s: the meter noted nothing", e.subject.name, e.agents, s)
		}
		l.note("%s, %s agents: %s: %s CPU, %s", e.subject.name, thousands(e.agents), s, seconds(c.cpu), seconds(c.wall))
		to[s] = append(to[s], c)
	}
	return nil
}

func (w *workspace) take(ctx context.Context, s step, e experiment) (cost, error) {
	switch s {
	case planning:
		return w.run(ctx, "plan")
	case applying:
		return w.run(ctx, "apply", "-auto-approve")
	case noChange:
		// The exit status says whether there is a change: 2 would be an error.
		return w.run(ctx, "plan", "-detailed-exitcode")
	case updating:
		if err := w.assign(e.subject.roster(e.agents + 1)); err != nil {
			return cost{}, err
		}
		return w.run(ctx, "apply", "-auto-approve")
	default:
		return cost{}, errors.New("no such step")
	}
}
