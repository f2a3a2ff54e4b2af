package deepcall

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// scheduler decides which request is sent next and what becomes of its agents.
// It starts nothing, takes no lock and reads no clock; batcher.go does.
//
// A call has an item for each of its agents. When a request may be sent, it
// takes items of all calls that wait in the lane of their operation. A request
// that fails is sent again as it was or, as the class of the failure says, in
// parts.
//
// Requests to set and to unset are never in flight together. This and the rules
// for an unset, in moves.go, make an agent that moves between resources end up
// on, whatever the order.
type scheduler struct {
	config  Config
	limit   int // agents per request: the batch size, or less once a server's limit is known
	largest int // request that was accepted, in agents

	agents   map[string]*agent
	removals map[*agent]int // items that were sent, or may be, to unset it

	lanes    [2]*lane // by Operation
	turn     Operation
	turnSent int // requests since it became turn's turn
	inFlight []*request
	delayed  []delayed

	down       error     // the API did not answer until retries were used up
	heldUntil  time.Time // no request before
	heldBy     error     // the failure that is the reason
	retryAfter bool      // whether the server asked for it

	// After a shared request, the next one waits until shareCalls calls wait, no
	// further call has come for shareQuiet, or shareUntil.
	arrived    time.Time // when the last call came, or a shared request ended
	shareUntil time.Time
	shareCalls int
}

const (
	// Terraform starts the resources that a shared request released one by one,
	// some milliseconds apart. Its garbage collection can take longer than that.
	shareQuiet = 80 * time.Millisecond
	maxShare   = 300 * time.Millisecond
	// maxHold is how long a server that is known to be down may ask to wait
	// before calls fail at once.
	maxHold = 5 * time.Second
	// forever is a wait that something other than time ends.
	forever = time.Duration(math.MaxInt64)
)

func newScheduler(c Config) *scheduler {
	newLane := func(op Operation) *lane { return &lane{op: op, refused: map[string][]any{}} }
	return &scheduler{
		config: c, limit: c.BatchSize, agents: map[string]*agent{}, removals: map[*agent]int{},
		lanes: [2]*lane{newLane(Set), newLane(Unset)},
	}
}

// add takes a new call.
func (s *scheduler) add(c *call, agentIDs []string, now time.Time) {
	for _, id := range agentIDs {
		a := s.agents[id]
		if a == nil {
			a = &agent{id: id}
			s.agents[id] = a
		}
		if c.op == Set {
			a.setting++
		}
		c.items = append(c.items, &item{call: c, agent: a})
	}
	c.open = len(c.items)
	switch {
	case c.open == 0: // it is over
	case c.ctx.Err() != nil:
		s.abandon(c)
	case c.op == Unset:
		s.delayed = append(s.delayed, delayed{c.items, now.Add(moveWait)})
	default:
		s.enqueue(c.items, now)
	}
}

// enqueue makes items of one call wait for the next request.
func (s *scheduler) enqueue(items []*item, now time.Time) {
	items = filter(items, func(it *item) bool { return !it.done && !s.isMoved(it) })
	if len(items) == 0 {
		return
	}
	c := items[0].call
	l := s.lanes[c.op]
	var err error
	switch {
	case l.stopped != nil:
		err = l.stopped
	case s.down != nil && s.retryAfter && s.heldUntil.Sub(now) > maxHold:
		err = s.tooLate(now)
	case c.op == Unset:
		err = s.claim(items)
	}
	if err != nil {
		for _, it := range items {
			s.finish(it, err)
		}
		return
	}
	s.arrived = now
	c.queue = append(c.queue, items...)
	if !slices.Contains(l.calls, c) {
		l.calls = append(l.calls, c)
	}
}

// wake lets items go on whose time has come. It returns how long the next ones
// have to wait. What goes on is never delayed again at once, so the list does not
// grow meanwhile.
func (s *scheduler) wake(now time.Time) (wait time.Duration) {
	wait = forever
	s.delayed = slices.DeleteFunc(s.delayed, func(d delayed) bool {
		if d.due.After(now) {
			wait = min(wait, d.due.Sub(now))
			return false
		}
		s.enqueue(d.items, now)
		return true
	})
	return wait
}

// next returns the request to send now, or nil and how long to wait before asking
// again.
func (s *scheduler) next(now time.Time) (r *request, wait time.Duration) {
	for {
		wait = s.wake(now)
		s.drop(now)
		l, held := s.pick(), s.heldUntil.Sub(now)
		switch {
		case !l.waits(), len(s.inFlight) >= s.config.MaxConcurrentRequests, len(s.inFlight) > 0 && s.inFlight[0].op != l.op:
			return nil, wait
		case held > 0:
			return nil, min(wait, held)
		}
		r, pause := s.compose(l, now)
		switch {
		case r != nil && len(r.items) > 0:
			s.start(r, now)
			return r, 0
		case pause > 0:
			return nil, min(wait, pause)
		case len(s.inFlight) > 0: // what waits is in flight for others
			return nil, wait
		}
	}
}

// pick chooses the lane of the next request. With work in both, they take turns.
func (s *scheduler) pick() *lane {
	l, other := s.lanes[s.turn], s.lanes[1-s.turn]
	if other.waits() && (!l.waits() || s.turnSent >= s.config.MaxConcurrentRequests) {
		return other
	}
	return l
}

// start notes that r is in flight.
func (s *scheduler) start(r *request, now time.Time) {
	if r.op != s.turn {
		s.turn, s.turnSent = r.op, 0
	}
	s.turnSent++
	r.started = now
	r.tries++
	r.calls = len(byCall(r.items))
	s.inFlight = append(s.inFlight, r)
}

// end notes that r has ended. It returns the items whose callers still wait.
func (s *scheduler) end(r *request) (open []*item) {
	s.inFlight = slices.DeleteFunc(s.inFlight, func(other *request) bool { return other == r })
	for _, it := range r.items {
		it.inFlight = false
		it.agent.request = nil
	}
	return filter(r.items, isOpen)
}

// hold delays all requests, since they would fail for the same reason: for the
// backoff, or for longer if the server asked for it.
func (s *scheduler) hold(err error, backoff, retryAfter time.Duration, now time.Time) {
	if until := now.Add(max(backoff, retryAfter)); until.After(s.heldUntil) {
		s.heldUntil, s.heldBy, s.retryAfter = until, err, retryAfter > backoff
	}
}

// drop fails what waits in a lane that has stopped, or would have to wait for
// longer than it has, and forgets calls that are over.
func (s *scheduler) drop(now time.Time) {
	for _, l := range s.lanes {
		for _, c := range l.calls {
			if l.stopped != nil {
				s.failWaiting(c, l.stopped)
			} else if deadline, ok := c.ctx.Deadline(); ok && s.heldUntil.After(now) && s.heldUntil.After(deadline) {
				s.failWaiting(c, s.tooLate(now))
			}
		}
		l.calls = slices.DeleteFunc(l.calls, func(c *call) bool { return c.open == 0 })
	}
}

// tooLate is why a call does not wait for the next request.
func (s *scheduler) tooLate(now time.Time) error {
	wait := s.heldUntil.Sub(now).Round(time.Second / 10)
	return fmt.Errorf("%w; the next try was due in %v, too late for this operation", s.heldBy, wait)
}

// abandon ends c, whose context has ended, and the requests that nobody waits for
// any more.
func (s *scheduler) abandon(c *call) {
	err := ErrInterrupted
	if errors.Is(c.ctx.Err(), context.DeadlineExceeded) {
		err = ErrTimeout
	}
	if i := slices.IndexFunc(c.items, func(it *item) bool { return isOpen(it) && it.last != nil }); i >= 0 {
		err = fmt.Errorf("%w; the last failure before that was: %s", err, c.items[i].last.Error())
	}
	for _, it := range c.items {
		it.sent, it.unclear = it.sent || it.inFlight, it.unclear || it.inFlight
		s.finish(it, err)
	}
	for _, r := range s.inFlight {
		if !slices.ContainsFunc(r.items, isOpen) {
			r.cancel()
		}
	}
}
