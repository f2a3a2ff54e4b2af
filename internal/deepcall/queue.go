package deepcall

import (
	"context"
	"slices"
	"time"
)

// How requests are shared. Every call (a job) puts its agents into one queue as
// a part. Whenever a request may leave, it takes the head of the queue and what
// else waits for the same endpoint, each job its fair share: what waits rides
// together. A request that fails and may be tried again puts its parts back at
// the head, so a retry takes along what has come since. There is no worker: a
// job's arrival, an answer and a timer each call dispatch.
//
// A request to set and one to unset are never in flight together. With the rule
// that an agent once asked to be set is never sent to unsetCad, that keeps the
// order of the two right even for an agent that moves between resources.

// After a shared request, the next one waits for those that it released, to
// ride with those that wait already: until they are all there, nobody has come
// for shareWait, or it has lasted shareMost or twice as long as that request.
// Terraform comes back with its next resources one by one, some milliseconds
// each.
const (
	shareWait = 80 * time.Millisecond
	shareMost = 300 * time.Millisecond
)

type queue struct {
	parts   []*part
	flights []*flight
	limit   int                 // most agents in a request; a 413 halves it
	set     map[string]struct{} // agents that this run was asked to set

	heldUntil  time.Time // after a failure that would meet every request,
	heldBy     error     // which is this one
	arrived    time.Time // when the last job came, or a shared request landed
	shareUntil time.Time // the latest end of the wait after a shared request
	shareJobs  int       // ends it before
	timer      *time.Timer
}

// part is some agents of a job that travel together.
type part struct {
	job       *job
	agentIDs  []string
	tries     int       // requests that have carried them
	sent      bool      // one of those got as far as the API
	notBefore time.Time // the API was busy with them
	alone     bool      // a request with other jobs' agents was refused for its content
}

// dispatch sends what may leave now, and sets the timer for the rest. c.mu is
// held, as in everything below that does not say otherwise.
func (c *Client) dispatch() {
	if c.queue.timer != nil {
		c.queue.timer.Stop()
	}
	c.queue.dropKept()
	c.dropLate()
	for len(c.queue.flights) < c.maxConcurrent {
		f, wait := c.queue.compose(time.Now())
		if f == nil {
			if wait > 0 {
				c.queue.timer = time.AfterFunc(wait, func() {
					c.mu.Lock()
					defer c.mu.Unlock()
					c.dispatch()
				})
			}
			return
		}
		// The values of the first caller's context, for its log; not its end,
		// for others may ride along.
		ctx, cancel := context.WithCancel(context.WithoutCancel(f.parts[0].job.ctx))
		f.cancel = cancel
		c.queue.flights = append(c.queue.flights, f)
		go c.fly(ctx, f)
	}
}

// compose takes the next request out of the queue. If none may leave yet, it
// says how long until one may; 0 is for «when something else happens».
func (q *queue) compose(now time.Time) (*flight, time.Duration) {
	var riders []*part
	var due time.Time
	jobs, agents := map[*job]struct{}{}, 0
	for _, p := range q.parts {
		switch {
		case p.notBefore.After(now):
			if due.IsZero() || p.notBefore.Before(due) {
				due = p.notBefore
			}
			continue
		case len(riders) == 0:
		case riders[0].alone || p.alone || p.job.endpoint != riders[0].job.endpoint:
			continue
		}
		riders = append(riders, p)
		jobs[p.job] = struct{}{}
		agents += len(p.agentIDs)
	}
	switch {
	case len(riders) == 0 && due.IsZero():
		return nil, 0
	case len(riders) == 0:
		return nil, due.Sub(now)
	case q.heldUntil.After(now):
		return nil, q.heldUntil.Sub(now)
	case q.shareEnd().After(now) && len(jobs) < q.shareJobs && agents < q.limit:
		return nil, q.shareEnd().Sub(now)
	case len(q.flights) > 0 && q.flights[0].endpoint != riders[0].job.endpoint:
		return nil, 0
	}
	return q.load(riders), 0
}

// dropKept takes agents that this run sets out of what waits to be unset.
func (q *queue) dropKept() {
	isSet := func(id string) bool { _, ok := q.set[id]; return ok }
	q.parts = slices.DeleteFunc(q.parts, func(p *part) bool {
		if p.job.endpoint != unsetCAD || !slices.ContainsFunc(p.agentIDs, isSet) {
			return false
		}
		before := len(p.job.kept)
		p.agentIDs = slices.DeleteFunc(slices.Clone(p.agentIDs), func(id string) bool {
			if isSet(id) {
				p.job.kept = append(p.job.kept, id)
			}
			return isSet(id)
		})
		p.job.settle(len(p.job.kept) - before)
		return len(p.agentIDs) == 0
	})
}

// dropLate gives up what waits for longer than its operation has left.
func (c *Client) dropLate() {
	now := time.Now()
	if !c.queue.heldUntil.After(now) {
		return
	}
	for _, p := range slices.Clone(c.queue.parts) {
		if deadline, ok := p.job.ctx.Deadline(); ok && p.job.open > 0 && c.queue.heldUntil.After(deadline) {
			waiting, err := c.queue.withdraw(p.job), c.queue.heldBy
			if slices.ContainsFunc(waiting, func(p *part) bool { return p.sent }) {
				err = afterSent(err)
			}
			p.job.fail(&GaveUpError{Wait: c.queue.heldUntil.Sub(now), Err: err}, nil, waiting)
		}
	}
}

// load makes a request of the riders. Each job has a fair share of the room:
// those with fewer agents than an even share leave theirs to the others.
func (q *queue) load(riders []*part) *flight {
	f := &flight{endpoint: riders[0].job.endpoint}
	waiting := map[*job]int{}
	var jobs []*job
	for _, p := range riders {
		if _, known := waiting[p.job]; !known {
			jobs = append(jobs, p.job)
		}
		waiting[p.job] += len(p.agentIDs)
	}
	crowded := len(jobs) > q.limit
	jobs = jobs[:min(len(jobs), q.limit)]
	f.jobs = len(jobs)
	slices.SortStableFunc(jobs, func(a, b *job) int { return waiting[a] - waiting[b] })
	room, share := q.limit, map[*job]int{}
	for i, j := range jobs {
		share[j] = min(waiting[j], room/(len(jobs)-i))
		room -= share[j]
	}
	seen := map[string]struct{}{}
	for _, p := range riders {
		n := min(share[p.job], len(p.agentIDs))
		if n == 0 {
			continue
		}
		share[p.job] -= n
		taken := &part{job: p.job, agentIDs: p.agentIDs[:n:n], tries: p.tries + 1, sent: p.sent, alone: p.alone}
		p.agentIDs = p.agentIDs[n:]
		f.parts = append(f.parts, taken)
		f.tries = max(f.tries, taken.tries)
		for _, id := range taken.agentIDs {
			if _, twice := seen[id]; !twice {
				seen[id] = struct{}{}
				f.agentIDs = append(f.agentIDs, id)
			}
		}
	}
	q.parts = slices.DeleteFunc(q.parts, func(p *part) bool { return len(p.agentIDs) == 0 })
	if crowded { // it is the others' turn
		q.parts = slices.Concat(q.partsOf(jobs, false), q.partsOf(jobs, true))
	}
	return f
}

// share makes the next request wait for those that the landed f released, which
// took this long.
func (q *queue) share(f *flight, took time.Duration, now time.Time) {
	jobs := map[*job]struct{}{}
	for _, p := range q.parts {
		jobs[p.job] = struct{}{}
	}
	q.arrived, q.shareUntil, q.shareJobs = now, now.Add(min(2*took, shareMost)), f.jobs+len(jobs)
}

func (q *queue) shareEnd() time.Time {
	if quiet := q.arrived.Add(shareWait); quiet.Before(q.shareUntil) {
		return quiet
	}
	return q.shareUntil
}

func (q *queue) partsOf(jobs []*job, among bool) []*part {
	return slices.DeleteFunc(slices.Clone(q.parts), func(p *part) bool { return slices.Contains(jobs, p.job) != among })
}

// withdraw takes what waits of j out of the queue.
func (q *queue) withdraw(j *job) (waiting []*part) {
	q.parts = slices.DeleteFunc(q.parts, func(p *part) bool {
		if p.job == j {
			waiting = append(waiting, p)
		}
		return p.job == j
	})
	return waiting
}
