package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// latency is what a slow server takes for a request.
const latency = 200 * time.Millisecond

// coreParallelism is how many resources core works on at a time by default.
const coreParallelism = 10

// sharing measures many resources of one agent each, which a server of some
// latency keeps waiting.
func (b *bench) sharing(ctx context.Context) ([]row, error) {
	n := b.size.resources
	var requests []int64
	own, cores := samples{}, samples{}
	for range b.fewRuns() {
		seen, err := b.count(ctx, experiment{subject: oneEach(), agents: n, steps: []step{applying}, mirror: plain}, own)
		if err != nil {
			return nil, err
		}
		requests = append(requests, int64(seen.requests))
		if err := b.lab.live(ctx, experiment{subject: coreEach(), agents: n, steps: []step{applying}, mirror: plain}, cores); err != nil {
			return nil, err
		}
	}

	work := fmt.Sprintf("%s resources of one agent each, a server that takes %s", thousands(n), latency)
	count := median(requests, func(n int64) int64 { return n })
	most := int64(n) * 130 / 1000
	alone := time.Duration(n) * latency / coreParallelism // each agent's request, ten at a time
	took, core := own.wall(applying), cores.wall(applying)
	limit := alone*5/4 + core
	return []row{
		{
			work:     work + ": requests",
			measured: thousands(int(count)),
			goal:     "≤ " + thousands(int(most)),
			met:      count <= most,
		},
		within(work+": apply, wall time", limit, took, seconds(took),
			fmt.Sprintf("≤ %s (1.25 × %s and core's %s)", seconds(limit), seconds(alone), seconds(core))),
	}, nil
}

// apiTime measures how much of the server's time is put to use.
func (b *bench) apiTime(ctx context.Context) ([]row, error) {
	var rows []row
	n := b.size.agents
	for _, inFlight := range []int{1, 4} {
		var requests, times []int64
		for range b.fewRuns() {
			seen, err := b.count(ctx, experiment{subject: agents(inFlight), agents: n, steps: []step{applying}, mirror: plain}, samples{})
			if err != nil {
				return nil, err
			}
			requests, times = append(requests, int64(seen.requests)), append(times, int64(seen.time))
		}
		same := func(n int64) int64 { return n }
		count, took := median(requests, same), time.Duration(median(times, same))
		ideal := time.Duration(count) * latency / time.Duration(inFlight)
		rows = append(rows, atMost(
			fmt.Sprintf("`agents`, %s, a server that takes %s: API time, %d in flight, to requests × %s ÷ %d",
				thousands(n), latency, inFlight, latency, inFlight), 1.1,
			ratio(took, ideal), fmt.Sprintf("%s to %d requests' %s", seconds(took), count, seconds(ideal))))
	}
	return rows, nil
}

// count runs a history against a slow stand-in of its own, and says what reached
// that.
func (b *bench) count(ctx context.Context, e experiment, to samples) (seen traffic, err error) {
	api, err := b.lab.startStandin(ctx, latency)
	if err != nil {
		return traffic{}, err
	}
	defer func() { err = errors.Join(err, api.close()) }()
	e.baseURL = api.url
	if err := b.lab.live(ctx, e, to); err != nil {
		return traffic{}, err
	}
	return api.traffic(ctx, latency)
}
