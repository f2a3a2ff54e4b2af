package deepcall

import (
	"context"
	"errors"
	"slices"
	"time"
)

// flight is a request on its way.
type flight struct {
	endpoint endpoint
	parts    []*part
	agentIDs []string // of all parts, each once
	tries    int      // the most of any part, this one included
	jobs     int
	cancel   context.CancelFunc
}

// fly sends f, records the outcome and makes way for the next. c.mu is not
// held.
func (c *Client) fly(ctx context.Context, f *flight) {
	defer f.cancel()
	started := time.Now()
	got, err := c.exchange(ctx, f.endpoint, f.agentIDs)
	took := time.Since(started)
	c.logRequest(ctx, f, took, got, err)

	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue.flights = slices.DeleteFunc(c.queue.flights, func(other *flight) bool { return other == f })
	now := time.Now()
	if f.jobs > 1 {
		c.queue.share(f, took, now)
	}
	if err != nil {
		c.land(ctx, f, err, now)
	} else {
		c.settle(f, got.verdicts, now)
	}
	c.dispatch()
}

// settle records an answer's verdicts.
func (c *Client) settle(f *flight, found verdicts, now time.Time) {
	callers := f.callers()
	for j := range callers {
		for _, message := range found.agentless {
			j.failures.add(&AgentlessError{message}, nil, nil)
		}
	}
	for _, p := range f.parts {
		if _, ok := callers[p.job]; ok {
			c.settlePart(p, found, now)
		}
	}
	for j := range callers {
		j.report(nil, false)
	}
}

func (c *Client) settlePart(p *part, found verdicts, now time.Time) {
	var confirmed, busy []string
	for _, id := range p.agentIDs {
		switch v := found.of[id]; {
		case v.confirmed:
			confirmed = append(confirmed, id)
		case isInProcessing(v.message) && p.tries <= c.maxRetries:
			busy = append(busy, id)
		case v.refused:
			p.job.fail(&RefusedError{v.message}, []string{id}, nil)
		default:
			p.job.fail(&RefusedError{notMentioned}, []string{id}, nil)
		}
	}
	p.job.confirmed = append(p.job.confirmed, confirmed...)
	p.job.settle(len(confirmed))
	if len(busy) == 0 {
		return
	}
	due := now.Add(c.backoff(p.tries))
	if deadline, ok := p.job.ctx.Deadline(); ok && due.After(deadline) {
		p.job.fail(&RefusedError{inProcessing}, busy, nil)
		return
	}
	c.queue.parts = append(c.queue.parts, &part{job: p.job, agentIDs: busy, tries: p.tries, sent: true, notBefore: due, alone: p.alone})
}

// callers are the jobs of f that have not been abandoned.
func (f *flight) callers() map[*job]struct{} {
	callers := map[*job]struct{}{}
	for _, p := range f.parts {
		if p.job.open > 0 {
			callers[p.job] = struct{}{}
		}
	}
	return callers
}

// land records a request that failed as a whole.
func (c *Client) land(ctx context.Context, f *flight, err error, now time.Time) {
	callers := f.callers()
	again := slices.DeleteFunc(slices.Clone(f.parts), func(p *part) bool { return p.job.open == 0 })
	for _, p := range again {
		p.sent = p.sent || !unsent(err)
	}
	switch {
	case tooLarge(err) && len(f.agentIDs) > 1:
		c.queue.limit = min(c.queue.limit, len(f.agentIDs)/2)
		for _, p := range again {
			p.tries-- // fewer agents are another request, not another try
		}
	case refusesContent(err) && !retryable(err) && f.jobs > 1:
		for _, p := range again {
			p.alone = true
			p.tries--
		}
	default:
		again = slices.DeleteFunc(again, func(p *part) bool {
			if retryable(err) && p.tries <= c.maxRetries {
				return false
			}
			last := err
			if p.sent {
				last = afterSent(err)
			}
			if retryable(err) {
				last = &GaveUpError{Tries: p.tries, Err: last}
			}
			c.giveUp(p, last)
			return true
		})
		if len(again) > 0 {
			c.hold(f, err, now)
		}
	}
	c.queue.parts = slices.Concat(again, c.queue.parts)
	c.dropLate()
	again = slices.DeleteFunc(again, func(p *part) bool { return !slices.Contains(c.queue.parts, p) })
	for j := range callers {
		j.report(err, slices.ContainsFunc(again, func(p *part) bool { return p.job == j }))
	}
	if len(again) > 0 {
		c.logAgain(ctx, f, err, c.queue.heldUntil.Sub(now))
	}
}

// hold keeps every request back for as long as f is to wait for its next try:
// what made it fail would meet them too.
func (c *Client) hold(f *flight, err error, now time.Time) {
	wait := c.backoff(f.tries)
	if h, ok := errors.AsType[*HTTPError](err); ok {
		wait = max(wait, h.retryAfter)
	}
	if until := now.Add(wait); until.After(c.queue.heldUntil) {
		c.queue.heldUntil, c.queue.heldBy = until, err
	}
}

// giveUp records err for the agents of p, and what it means for those of the
// same job that wait.
func (c *Client) giveUp(p *part, err error) {
	if p.job.open == 0 {
		return
	}
	var waiting []*part
	if !refusesContent(err) {
		waiting = c.queue.withdraw(p.job)
	}
	p.job.fail(err, p.agentIDs, waiting)
}
