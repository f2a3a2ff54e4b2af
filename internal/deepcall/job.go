package deepcall

import (
	"context"
	"slices"
	"time"
)

// job is one call.
type job struct {
	ctx      context.Context
	endpoint endpoint
	total    int
	open     int // agents without an outcome
	failed   int
	requests int

	confirmed, kept []string
	failures        failures

	events []Progress
	wake   chan struct{} // capacity 1: events or the end
}

func (c *Client) run(ctx context.Context, to endpoint, agentIDs []string, report func(Progress)) Result {
	agentIDs = eachOnce(agentIDs)
	j := &job{ctx: ctx, endpoint: to, total: len(agentIDs), open: len(agentIDs), wake: make(chan struct{}, 1)}
	started := time.Now()
	c.mu.Lock()
	if to == setCAD {
		for _, id := range agentIDs {
			c.queue.set[id] = struct{}{}
		}
	}
	switch err := ctx.Err(); {
	case len(agentIDs) == 0:
	case err != nil:
		j.fail(err, nil, []*part{{agentIDs: agentIDs}})
	default:
		c.queue.parts = append(c.queue.parts, &part{job: j, agentIDs: agentIDs})
		c.queue.arrived = started
		c.dispatch()
	}
	c.mu.Unlock()
	defer context.AfterFunc(ctx, func() { c.abandon(j) })()

	for {
		c.mu.Lock()
		events, over := j.events, j.open == 0
		j.events = nil
		c.mu.Unlock()
		for _, p := range events {
			c.logProgress(ctx, to, p, started)
			if report != nil {
				report(p)
			}
		}
		if over {
			return Result{Confirmed: j.confirmed, Kept: j.kept, Failures: j.failures.list}
		}
		<-j.wake
	}
}

func eachOnce(ids []string) []string {
	seen := make(map[string]struct{}, len(ids))
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		_, twice := seen[id]
		seen[id] = struct{}{}
		return twice
	})
}

// abandon ends j, whose context has ended. Requests that carry nobody else's
// agents are cancelled; the others go on without it. c.mu is not held.
func (c *Client) abandon(j *job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if j.open == 0 {
		return
	}
	waiting := c.queue.withdraw(j)
	var unanswered []string
	for _, f := range c.queue.flights {
		for _, p := range f.parts {
			if p.job == j {
				unanswered = append(unanswered, p.agentIDs...)
			}
		}
	}
	j.fail(j.ctx.Err(), unanswered, waiting)
	for _, f := range c.queue.flights {
		if !slices.ContainsFunc(f.parts, func(p *part) bool { return p.job.open > 0 }) {
			f.cancel()
		}
	}
	c.dispatch()
}

// fail records err for agents that were sent, and for parts that waited.
func (j *job) fail(err error, sent []string, waiting []*part) {
	var notTried []string
	for _, p := range waiting {
		if p.tries > 0 {
			sent = slices.Concat(sent, p.agentIDs)
		} else {
			notTried = append(notTried, p.agentIDs...)
		}
	}
	j.failures.add(err, sent, notTried)
	j.failed += len(sent) + len(notTried)
	j.settle(len(sent) + len(notTried))
}

// settle takes note that n agents have an outcome.
func (j *job) settle(n int) {
	j.open -= n
	if j.open == 0 {
		j.signal()
	}
}

// report queues an event after a request.
func (j *job) report(err error, again bool) {
	j.requests++
	j.events = append(j.events, Progress{
		Requests: j.requests, Confirmed: len(j.confirmed), Failed: j.failed, Total: j.total, Err: err, Retried: again,
	})
	j.signal()
}

func (j *job) signal() {
	select {
	case j.wake <- struct{}{}:
	default:
	}
}
