package deepcall

import (
	"context"
	"slices"
	"time"
)

// scheduler decides which request is sent next and what becomes of its agents.
// It starts nothing, takes no lock and reads no clock; batcher.go does.
//
// Calls queue their agents in the lane of their operation. When a request may be
// sent, it takes agents of all calls that wait in a lane. A request that fails
// goes back into its lane, whole or in parts, as the class of its failure says.
//
// Requests to set and to unset are never in flight together. This and the rules
// for an unset, in moves.go, make an agent that moves between resources end up
// on, whatever the order.
type scheduler struct {
	limit         int // agents per request: the batch size, or less once a server's limit is known
	largest       int // request that was accepted, in agents
	maxConcurrent int
	maxRetries    int
	backoff       func(retry int) time.Duration

	lanes    [2]*lane // by Operation
	turn     Operation
	turnSent int // requests since it became turn's turn
	inFlight []*request
	flying   map[string]struct{} // agents in flight
	moves    moves

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
)

// request is what one exchange carries.
type request struct {
	op     Operation
	chunks []*chunk
	ids    []string // of all chunks, each once
	tries  int      // the most of any chunk, this one included
	calls  int
	part   *part // that it was made from, or nil
	cancel context.CancelFunc
}

func newScheduler(c Config) *scheduler {
	return &scheduler{
		limit: c.BatchSize, maxConcurrent: c.MaxConcurrentRequests, maxRetries: c.MaxRetries, backoff: c.Backoff,
		lanes:  [2]*lane{newLane(), newLane()},
		flying: map[string]struct{}{},
		moves:  newMoves(c.MaxRemovals),
	}
}

// add takes a new call.
func (s *scheduler) add(c *call, now time.Time) {
	if c.total == 0 {
		return
	}
	if c.op == Set {
		s.moves.announce(c.queue[0].ids)
	}
	lane := s.lanes[c.op]
	switch {
	case c.ctx.Err() != nil:
		s.abandon(c)
	case c.op == Unset:
		s.moves.wait(c, now)
	case lane.stopped != nil:
		s.failCall(c, lane.stopped)
	case s.isDown(now):
		s.failCall(c, s.tooLate(now))
	default:
		s.arrived = now
		lane.calls = append(lane.calls, c)
	}
}

// next returns the request to send now. Without one, it returns how long until
// there may be one, or 0 if that depends on something else.
func (s *scheduler) next(now time.Time) (*request, time.Duration) {
	for {
		due := s.admit(now)
		s.dropLate(now)
		if len(s.inFlight) >= s.maxConcurrent {
			return nil, 0
		}
		op, laneDue, ok := s.pick(now)
		due = earlier(due, laneDue)
		switch {
		case !ok:
			return nil, until(due, now)
		case s.heldUntil.After(now):
			return nil, until(earlier(due, s.heldUntil), now)
		case len(s.inFlight) > 0 && s.inFlight[0].op != op:
			return nil, until(due, now)
		}
		r, wait := s.compose(op, now)
		if r != nil {
			s.depart(r)
			return r, 0
		}
		if wait > 0 {
			return nil, until(earlier(due, now.Add(wait)), now)
		}
		// What waited turned out to be in flight, or had been settled.
		if _, _, still := s.pick(now); still && len(s.inFlight) > 0 {
			return nil, until(due, now)
		}
	}
}

// pick chooses the lane of the next request. With work in both, they take turns.
func (s *scheduler) pick(now time.Time) (op Operation, due time.Time, ok bool) {
	var ready [2]bool
	for i, l := range s.lanes {
		var laneDue time.Time
		ready[i], laneDue = l.has(now)
		due = earlier(due, laneDue)
	}
	other := 1 - s.turn
	switch {
	case ready[other] && (!ready[s.turn] || s.turnSent >= s.maxConcurrent):
		return other, due, true
	case ready[s.turn]:
		return s.turn, due, true
	}
	return 0, due, false
}

// depart notes that r is in flight.
func (s *scheduler) depart(r *request) {
	if r.op != s.turn {
		s.turn, s.turnSent = r.op, 0
	}
	s.turnSent++
	s.inFlight = append(s.inFlight, r)
	for _, id := range r.ids {
		s.flying[id] = struct{}{}
	}
	if r.op == Unset {
		s.moves.depart(r.ids)
	}
}

// land notes that r has ended, after this time.
func (s *scheduler) land(r *request, took time.Duration, now time.Time) {
	s.inFlight = slices.DeleteFunc(s.inFlight, func(other *request) bool { return other == r })
	for _, id := range r.ids {
		delete(s.flying, id)
	}
	if r.calls > 1 || s.down != nil {
		wait, calls := min(2*took, maxShare), r.calls
		if s.down != nil { // its refusal takes no time, and nobody gains by the next one
			wait, calls = maxShare, max(calls, 2)
		}
		for _, l := range s.lanes {
			calls += len(l.calls)
		}
		s.arrived, s.shareUntil, s.shareCalls = now, now.Add(wait), calls
	}
}

// sharePause is how long the next shared request still waits for more calls.
func (s *scheduler) sharePause(calls, agents int, now time.Time) time.Duration {
	if calls >= s.shareCalls || agents >= s.limit {
		return 0
	}
	end := s.arrived.Add(shareQuiet)
	if s.shareUntil.Before(end) {
		end = s.shareUntil
	}
	return max(0, end.Sub(now))
}

// hold keeps all requests back: what made this one fail would happen to them.
func (s *scheduler) hold(err error, wait time.Duration, now time.Time) {
	asked := false
	if e, ok := err.(*HTTPError); ok && e.retryAfter > wait { //nolint:errorlint // from the transport, never wrapped
		wait, asked = e.retryAfter, true
	}
	if until := now.Add(wait); wait > 0 && until.After(s.heldUntil) {
		s.heldUntil, s.heldBy, s.retryAfter = until, err, asked
	}
}

// dropLate gives up calls that would have to wait for longer than they have.
func (s *scheduler) dropLate(now time.Time) {
	if !s.heldUntil.After(now) {
		return
	}
	for _, l := range s.lanes {
		for _, c := range l.waiting() {
			if deadline, ok := c.ctx.Deadline(); ok && s.heldUntil.After(deadline) {
				s.failWaiting(c, s.tooLate(now))
			}
		}
	}
}

func (s *scheduler) tooLate(now time.Time) error {
	return &GaveUpError{Wait: s.heldUntil.Sub(now), Err: s.heldBy}
}

// isDown reports whether calls fail at once, because the API is known to be down
// and has asked to wait for long.
func (s *scheduler) isDown(now time.Time) bool {
	return s.down != nil && s.retryAfter && s.heldUntil.Sub(now) > maxHold
}

// abandon ends c, whose context has ended. It returns the requests that nobody
// waits for any more.
func (s *scheduler) abandon(c *call) (orphans []*request) {
	if c.open == 0 {
		return nil
	}
	s.failCall(c, &InterruptedError{Err: c.ctx.Err(), Last: c.last})
	for _, r := range s.inFlight {
		if !slices.ContainsFunc(r.chunks, func(w *chunk) bool { return w.call.open > 0 }) {
			orphans = append(orphans, r)
		}
	}
	return orphans
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

func until(due, now time.Time) time.Duration {
	if due.IsZero() {
		return 0
	}
	return max(due.Sub(now), 1)
}
