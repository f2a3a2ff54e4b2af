package main

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// point is the median of the time that an apply takes a roster of a size.
type point struct {
	agents    int
	wall, cpu time.Duration
}

// curve is apply time over the size of the roster.
type curve struct {
	name   string
	set    bool // a set of IDs, not a map
	core   bool // without a provider
	points []point
}

// curves measures the sizes, in turn with core, and keeps the points and a drawing
// of them in the directory of assets, if there is one.
func (b *bench) curves(ctx context.Context) (rows []row, err error) {
	api, err := b.lab.startStandin(ctx, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, api.close()) }()

	var all []curve
	for _, c := range []struct {
		subject subject
		sizes   []int
	}{{agents(1), b.size.mapCurve}, {agentIDs(), b.size.setCurve}} {
		own := curve{name: "agents (map)", set: c.subject.set}
		alone := curve{name: "core alone, the same map", set: c.subject.set, core: true}
		if c.subject.set {
			own.name, alone.name = "agent_ids (set)", "core alone, the same set"
		}
		for _, n := range c.sizes {
			runs := b.fewRuns()
			if c.subject.set && n > 1000 {
				runs = 1 // half a minute each, and no noise to speak of beside that
			}
			got, err := b.lab.alternate(ctx, runs,
				experiment{subject: c.subject, agents: n, steps: []step{applying}, mirror: plain, baseURL: api.url},
				experiment{subject: core(c.subject), agents: n, steps: []step{applying}, mirror: plain})
			if err != nil {
				return nil, err
			}
			own.points = append(own.points, point{n, got[0].wall(applying), got[0].cpu(applying)})
			alone.points = append(alone.points, point{n, got[1].wall(applying), got[1].cpu(applying)})
		}
		all = append(all, own, alone)
	}
	return nil, b.keep(all)
}

// keep writes apply-time.csv and apply-time.svg.
func (b *bench) keep(all []curve) error {
	if b.assets == "" {
		return nil
	}
	if err := os.MkdirAll(b.assets, 0o755); err != nil { //nolint:gosec // a directory of the sources
		return err
	}
	for name, write := range map[string]func(io.Writer, []curve) error{
		"apply-time.csv": writePoints,
		"apply-time.svg": draw,
	} {
		name = filepath.Join(b.assets, name)
		f, err := os.Create(name) //nolint:gosec // the caller names it
		if err != nil {
			return err
		}
		if err := errors.Join(write(f, all), f.Close()); err != nil {
			return err
		}
		b.lab.note("wrote %s", name)
	}
	return nil
}

// writePoints writes what the drawing shows, times in seconds.
func writePoints(w io.Writer, all []curve) error {
	out := csv.NewWriter(w)
	records := [][]string{{"curve", "agents", "wall_s", "cpu_s"}}
	for _, c := range all {
		for _, p := range c.points {
			records = append(records, []string{c.name, strconv.Itoa(p.agents), decimal(p.wall), decimal(p.cpu)})
		}
	}
	return out.WriteAll(records)
}

func decimal(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', 3, 64)
}
