package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// latency is what a slow server takes for a request.
const latency = 200 * time.Millisecond

// coreParallelism is how many resources core works on at a time by default.
const coreParallelism = 10

var allSteps = []step{planning, applying, noChange, updating}

// against measures the steps of a roster and those of core with the same value.
func (b *bench) against(ctx context.Context, own, core subject, n int, goals map[step]float64) ([]row, error) {
	got, err := b.alternate(ctx, b.runs, allSteps, experiment{own, n, b.plain}, experiment{core, n, b.plain})
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, s := range allSteps {
		if goal := goals[s]; goal > 0 {
			a, c := medianOf(got[0][s], cpu), medianOf(got[1][s], cpu)
			rows = append(rows, atMost(fmt.Sprintf("`%s`, %s: %s, CPU", own.name, thousands(n), s.name), goal,
				float64(a), float64(c), seconds(a)+" to core's "+seconds(c)))
		}
	}
	return rows, nil
}

func (b *bench) agents(ctx context.Context) ([]row, error) {
	return b.against(ctx, agentMap, coreMap, b.size.agents, map[step]float64{planning: 1.4, applying: 1.4, noChange: 1, updating: 1})
}

func (b *bench) agentIDs(ctx context.Context) ([]row, error) {
	return b.against(ctx, agentSet, coreSet, b.size.agentIDs, map[step]float64{applying: 1.1, noChange: 1.15, updating: 1.15})
}

// growth measures the provider apart from core: its CPU and its memory.
func (b *bench) growth(ctx context.Context) ([]row, error) {
	few, many, most := b.size.few, b.size.agents, b.size.most
	got, err := b.alternate(ctx, min(b.runs, 3), allSteps,
		experiment{agentMap, few, b.metered}, experiment{agentMap, many, b.metered}, experiment{agentMap, most, b.metered})
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, s := range allSteps {
		from, to := medianOf(got[1][s], providerCPU), medianOf(got[2][s], providerCPU)
		rows = append(rows, atMost(fmt.Sprintf("provider's own CPU, `agents`, from %s to %s: %s", thousands(many), thousands(most), s.name), 5,
			float64(to), float64(from), seconds(from)+" to "+seconds(to)))
	}
	from, to := float64(got[0].peak()), float64(got[1].peak())
	return append(rows, atMost(fmt.Sprintf("provider's peak memory, `agents`, from %s to %s", thousands(few), thousands(many)), 2,
		to, from, fmt.Sprintf("%.0f MiB to %.0f MiB", from/(1<<20), to/(1<<20)))), nil
}

// slowly applies rosters against a slow API.
func (b *bench) slowly(ctx context.Context, experiments ...experiment) ([]samples, error) {
	b.api.SetLatency(latency)
	defer b.api.SetLatency(0)
	return b.alternate(ctx, min(b.runs, 3), []step{applying}, experiments...)
}

// sharing measures many resources of one agent each.
func (b *bench) sharing(ctx context.Context) ([]row, error) {
	n := b.size.resources
	got, err := b.slowly(ctx, experiment{oneEach, n, b.plain}, experiment{coreEach, n, b.plain})
	if err != nil {
		return nil, err
	}
	work := fmt.Sprintf("%s resources of one agent each, a server that takes %s: ", thousands(n), latency)
	count, most := medianOf(got[0][applying], requests), int64(n)*130/1000
	alone := time.Duration(n) * latency / coreParallelism // each agent's request, ten at a time
	took, cores := medianOf(got[0][applying], wall), medianOf(got[1][applying], wall)
	limit := alone*5/4 + cores
	return []row{
		{work + "requests", thousands(int(count)), "≤ " + thousands(int(most)), count <= most},
		{
			work + "apply, wall time", seconds(took),
			fmt.Sprintf("≤ %s (1.25 × %s and core's %s)", seconds(limit), seconds(alone), seconds(cores)), took <= limit,
		},
	}, nil
}

// apiTime measures how much of the server's time is put to use.
func (b *bench) apiTime(ctx context.Context) ([]row, error) {
	var rows []row
	for _, inFlight := range []int{1, 4} {
		e := experiment{agentMap, b.size.agents, b.plain}
		e.inFlight = inFlight
		got, err := b.slowly(ctx, e)
		if err != nil {
			return nil, err
		}
		count, took := medianOf(got[0][applying], requests), medianOf(got[0][applying], api)
		ideal := time.Duration(count) * latency / time.Duration(inFlight)
		rows = append(rows, atMost(fmt.Sprintf("`agents`, %s, a server that takes %s: API time, %d in flight, to requests × %s ÷ %d",
			thousands(e.agents), latency, inFlight, latency, inFlight), 1.1,
			float64(took), float64(ideal), fmt.Sprintf("%s to %d requests' %s", seconds(took), count, seconds(ideal))))
	}
	return rows, nil
}

// startUp measures what a user waits for before any agent counts.
func (b *bench) startUp(ctx context.Context) ([]row, error) {
	const limit = 150 * time.Millisecond
	steps := []step{planning, applying}
	got, err := b.alternate(ctx, 2*b.runs, steps, // short, and more easily disturbed for that
		experiment{agentSet, 1, b.plain}, experiment{coreSet, 1, b.plain})
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, s := range steps {
		own, core := medianOf(got[0][s], wall), medianOf(got[1][s], wall)
		rows = append(rows, row{
			fmt.Sprintf("start-up, one agent: %s, wall time", s.name),
			fmt.Sprintf("%s more (%s to core's %s)", seconds(own-core), seconds(own), seconds(core)),
			"≤ " + seconds(limit) + " more", own-core <= limit,
		})
	}
	return rows, nil
}

// curves measures apply time over the size of the roster, in turn with core, and
// keeps the points and a drawing of them.
func (b *bench) curves(ctx context.Context) ([]row, error) {
	if b.assets == "" {
		return nil, nil
	}
	records := [][]string{{"curve", "agents", "wall_s", "cpu_s"}}
	all := []curve{
		{name: "agents (map)"}, {name: "core alone, the same map", core: true},
		{name: "agent_ids (set)", set: true}, {name: "core alone, the same set", set: true, core: true},
	}
	for _, c := range []struct {
		own, core subject
		sizes     []int
		curves    []curve
	}{{agentMap, coreMap, b.size.mapCurve, all[:2]}, {agentSet, coreSet, b.size.setCurve, all[2:]}} {
		for _, n := range c.sizes {
			runs := min(b.runs, 3)
			if c.own.set && n > 1000 {
				runs = 1 // half a minute each, and no noise to speak of beside that
			}
			got, err := b.alternate(ctx, runs, []step{applying}, experiment{c.own, n, b.plain}, experiment{c.core, n, b.plain})
			if err != nil {
				return nil, err
			}
			for i, s := range got {
				to, took := &c.curves[i], medianOf(s[applying], wall).Seconds()
				to.points = append(to.points, point{float64(n), took})
				records = append(records, []string{to.name, strconv.Itoa(n), fmt.Sprintf("%.3f", took), fmt.Sprintf("%.3f", medianOf(s[applying], cpu).Seconds())})
			}
		}
	}
	f, err := os.Create(filepath.Join(b.assets, "apply-time.csv"))
	if err != nil {
		return nil, err
	}
	return nil, errors.Join(csv.NewWriter(f).WriteAll(records), f.Close(),
		os.WriteFile(filepath.Join(b.assets, "apply-time.svg"), []byte(draw(all)), 0o644)) //nolint:gosec // G306: a file of the sources
}
