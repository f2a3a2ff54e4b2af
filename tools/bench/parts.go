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
			a, c := got[0].cpu(s), got[1].cpu(s)
			rows = append(rows, atMost(fmt.Sprintf("`%s`, %s: %s, CPU", own.name, thousands(n), s.name), goal,
				float64(a), float64(c), seconds(a)+" to core's "+seconds(c)))
		}
	}
	return rows, nil
}

func (b *bench) agents(ctx context.Context) ([]row, error) {
	return b.against(ctx, agentMap, coreMap, b.size.agents, map[step]float64{planning: 1.6, applying: 1.6, noChange: 1, updating: 1.15})
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
		from, to := got[1].providerCPU(s), got[2].providerCPU(s)
		rows = append(rows, atMost(fmt.Sprintf("provider's own CPU, `agents`, from %s to %s: %s", thousands(many), thousands(most), s.name), 5,
			float64(to), float64(from), seconds(from)+" to "+seconds(to)))
	}
	from, to := float64(got[0].peak()), float64(got[1].peak())
	return append(rows, atMost(fmt.Sprintf("provider's peak memory, `agents`, from %s to %s", thousands(few), thousands(many)), 2,
		to, from, fmt.Sprintf("%.0f MiB to %.0f MiB", from/(1<<20), to/(1<<20)))), nil
}

// slow applies a roster against a slow API, and returns how many requests that
// took and how long: from the first one's arrival to the last one's answer.
func (b *bench) slow(ctx context.Context, e experiment, to samples) (requests int64, took time.Duration, err error) {
	b.api.ResetRequests()
	b.api.SetLatency(latency)
	defer b.api.SetLatency(0)
	if err := b.live(ctx, e, []step{applying}, to); err != nil {
		return 0, 0, err
	}
	seen := b.api.Requests()
	if len(seen) == 0 {
		return 0, 0, errors.New("no request reached the API")
	}
	return int64(len(seen)), seen[len(seen)-1].At.Sub(seen[0].At) + latency, nil
}

// sharing measures many resources of one agent each.
func (b *bench) sharing(ctx context.Context) ([]row, error) {
	n := b.size.resources
	var counts []int64
	own, core := samples{}, samples{}
	for range min(b.runs, 3) {
		count, _, err := b.slow(ctx, experiment{oneEach, n, b.plain}, own)
		if err == nil {
			err = b.live(ctx, experiment{coreEach, n, b.plain}, []step{applying}, core)
		}
		if err != nil {
			return nil, err
		}
		counts = append(counts, count)
	}
	work := fmt.Sprintf("%s resources of one agent each, a server that takes %s: ", thousands(n), latency)
	count, most := median(counts), int64(n)*130/1000
	alone := time.Duration(n) * latency / coreParallelism // each agent's request, ten at a time
	took, cores := own.wall(applying), core.wall(applying)
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
		var counts []int64
		var times []time.Duration
		for range min(b.runs, 3) {
			count, took, err := b.slow(ctx, e, samples{})
			if err != nil {
				return nil, err
			}
			counts, times = append(counts, count), append(times, took)
		}
		count, took := median(counts), median(times)
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
		own, core := got[0].wall(s), got[1].wall(s)
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
	var all []curve
	for _, c := range []struct {
		own, core subject
		names     [2]string
		sizes     []int
	}{
		{agentMap, coreMap, [2]string{"agents (map)", "core alone, the same map"}, b.size.mapCurve},
		{agentSet, coreSet, [2]string{"agent_ids (set)", "core alone, the same set"}, b.size.setCurve},
	} {
		pair := []curve{{name: c.names[0], set: c.own.set}, {name: c.names[1], set: c.own.set, core: true}}
		for _, n := range c.sizes {
			runs := min(b.runs, 3)
			if c.own.set && n > 1000 {
				runs = 1 // half a minute each, and no noise to speak of beside that
			}
			got, err := b.alternate(ctx, runs, []step{applying}, experiment{c.own, n, b.plain}, experiment{c.core, n, b.plain})
			if err != nil {
				return nil, err
			}
			for i := range pair {
				wall := got[i].wall(applying).Seconds()
				pair[i].points = append(pair[i].points, point{float64(n), wall})
				records = append(records, []string{pair[i].name, strconv.Itoa(n), fmt.Sprintf("%.3f", wall), fmt.Sprintf("%.3f", got[i].cpu(applying).Seconds())})
			}
		}
		all = append(all, pair...)
	}
	f, err := os.Create(filepath.Join(b.assets, "apply-time.csv"))
	if err != nil {
		return nil, err
	}
	return nil, errors.Join(csv.NewWriter(f).WriteAll(records), f.Close(),
		os.WriteFile(filepath.Join(b.assets, "apply-time.svg"), []byte(draw(all)), 0o644)) //nolint:gosec // G306: a file of the sources
}
