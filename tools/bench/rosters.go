package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// limits are the goals for the ratio to core, by step.
type limits map[step]float64

// against measures the steps of a roster and those of core with the same value.
func (b *bench) against(ctx context.Context, s subject, n int, steps []step, goals limits) (rows []row, err error) {
	api, err := b.lab.startStandin(ctx, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, api.close()) }()
	got, err := b.lab.alternate(ctx, b.runs(),
		experiment{subject: s, agents: n, steps: steps, mirror: plain, baseURL: api.url},
		experiment{subject: core(s), agents: n, steps: steps, mirror: plain})
	if err != nil {
		return nil, err
	}
	for _, step := range steps {
		goal, ok := goals[step]
		if !ok {
			continue
		}
		own, cores := got[0].cpu(step), got[1].cpu(step)
		rows = append(rows, atMost(fmt.Sprintf("`%s`, %s: %s, CPU", s.name, thousands(n), step), goal,
			ratio(own, cores), fmt.Sprintf("%s to core's %s", seconds(own), seconds(cores))))
	}
	return rows, nil
}

func (b *bench) agents(ctx context.Context) ([]row, error) {
	return b.against(ctx, agents(1), b.size.agents, []step{planning, applying, noChange, updating},
		limits{planning: 1.6, applying: 1.6, noChange: 1.0, updating: 1.15})
}

func (b *bench) agentIDs(ctx context.Context) ([]row, error) {
	return b.against(ctx, agentIDs(), b.size.agentIDs, []step{applying, noChange, updating},
		limits{applying: 1.10, noChange: 1.15, updating: 1.15})
}

// growth measures the provider apart from core: its CPU and its memory.
func (b *bench) growth(ctx context.Context) (rows []row, err error) {
	api, err := b.lab.startStandin(ctx, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, api.close()) }()
	few, many, most := b.size.few, b.size.agents, b.size.most
	steps := []step{planning, applying, noChange, updating}
	var experiments []experiment
	for _, n := range []int{few, many, most} {
		experiments = append(experiments,
			experiment{subject: agents(1), agents: n, steps: steps, mirror: metered, baseURL: api.url})
	}
	got, err := b.lab.alternate(ctx, b.fewRuns(), experiments...)
	if err != nil {
		return nil, err
	}
	for _, step := range steps {
		from, to := got[1].providerCPU(step), got[2].providerCPU(step)
		rows = append(rows, atMost(
			fmt.Sprintf("provider's own CPU, `agents`, from %s to %s: %s", thousands(many), thousands(most), step), 5,
			ratio(to, from), fmt.Sprintf("%s to %s", seconds(from), seconds(to))))
	}
	from, to := got[0].providerPeak(), got[1].providerPeak()
	return append(rows, atMost(
		fmt.Sprintf("provider's peak memory, `agents`, from %s to %s", thousands(few), thousands(many)), 2,
		ratio(to, from), fmt.Sprintf("%s to %s", mebibytes(from), mebibytes(to)))), nil
}

// startUp measures what a user waits for before any agent counts.
func (b *bench) startUp(ctx context.Context) (rows []row, err error) {
	const limit = 150 * time.Millisecond
	api, err := b.lab.startStandin(ctx, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, api.close()) }()
	steps := []step{planning, applying}
	got, err := b.lab.alternate(ctx, 2*b.runs(), // short, and more easily disturbed for that
		experiment{subject: agentIDs(), agents: 1, steps: steps, mirror: plain, baseURL: api.url},
		experiment{subject: core(agentIDs()), agents: 1, steps: steps, mirror: plain})
	if err != nil {
		return nil, err
	}
	for _, step := range steps {
		own, cores := got[0].wall(step), got[1].wall(step)
		rows = append(rows, within(fmt.Sprintf("start-up, one agent: %s, wall time", step), limit, own-cores,
			fmt.Sprintf("%s more (%s to core's %s)", seconds(own-cores), seconds(own), seconds(cores)),
			"≤ "+seconds(limit)+" more"))
	}
	return rows, nil
}
