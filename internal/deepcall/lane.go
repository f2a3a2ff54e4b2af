package deepcall

import (
	"slices"
	"time"
)

// lane is what waits for one operation, and what the run has learned about it.
type lane struct {
	calls []*call // that are not over, in turn
	parts []*part // of refused requests, the next one last
	inRow int     // requests made from parts since the last one that was not

	accepted     bool           // a request was
	refusedAlone int            // agents that were refused in a request of their own, while nothing was accepted
	refusedCalls map[string]int // calls by the answer of class "other" to a request of their own, likewise
	stopped      error          // ends sending here
}

// waits reports whether there is something to be sent.
func (l *lane) waits() bool {
	return len(l.parts) > 0 || slices.ContainsFunc(l.calls, (*call).waits)
}

func (c *call) waits() bool { return len(c.queue) > 0 }

// maxInRow is how often as many requests as may be in flight are made from parts
// while what else waits is held back for more calls to share its request.
const maxInRow = 2

// compose makes the next request of a lane, from a part or from what waits. It
// may have to wait for calls to share it, and may find that nothing is left.
func (s *scheduler) compose(op Operation, now time.Time) (*request, time.Duration) {
	l := s.lanes[op]
	sharing := filter(l.calls, (*call).waits)
	// While nothing has been accepted, parts come first: they tell whether
	// anything will be. Later, parts and the others take turns.
	if len(l.parts) > 0 && (len(sharing) == 0 || !l.accepted || l.inRow == 0) {
		if r := s.composePart(op); r != nil {
			l.inRow++
			return r, 0
		}
		if len(l.parts) > 0 {
			return nil, 0 // until a probe has landed
		}
	}
	if len(sharing) == 0 {
		return nil, 0
	}
	if pause := s.sharePause(sharing, now); pause > 0 && (l.inRow < maxInRow*s.maxConcurrent || len(l.parts) == 0) {
		r := s.composePart(op)
		if r != nil {
			l.inRow++
		}
		return r, pause
	}
	l.inRow = 0
	sharing = sharing[:min(len(sharing), s.limit)]
	r := s.share(op, sharing)
	// Those that were just served are next behind the others.
	l.calls = slices.DeleteFunc(l.calls, func(c *call) bool { return slices.Contains(sharing, c) })
	l.calls = append(l.calls, sharing...)
	if len(r.items) == 0 {
		return nil, 0
	}
	return r, 0
}

// share makes a request of what these calls have, of whom there are no more than
// it may have agents. Each call gets an even share of the room; those with fewer
// agents leave the rest of theirs to the others.
func (s *scheduler) share(op Operation, calls []*call) *request {
	slices.SortStableFunc(calls, func(a, b *call) int { return len(a.queue) - len(b.queue) })
	r, room := &request{op: op}, s.limit
	for i, c := range calls {
		n := min(len(c.queue), room/(len(calls)-i))
		room -= n
		rest := len(c.queue) - n
		taken := slices.Clone(c.queue[rest:])
		c.queue = c.queue[:rest]
		for _, it := range slices.Backward(taken) {
			s.load(r, it)
		}
	}
	return r
}

// requeue makes items of a request the next ones of their calls, and these the
// next ones of the lane.
func (l *lane) requeue(items []*item) {
	for _, it := range slices.Backward(items) {
		it.call.queue = append(it.call.queue, it)
	}
	var calls []*call
	for _, own := range byCall(items) {
		calls = append(calls, own[0].call)
	}
	others := filter(l.calls, func(c *call) bool { return !slices.Contains(calls, c) })
	l.calls = slices.Concat(calls, others)
}

// load puts it into r, if it is still to be sent. If its agent is in flight for
// another call, it waits.
func (s *scheduler) load(r *request, it *item) {
	a := it.agent
	switch {
	case it.done || s.isMoved(it):
		return
	case a.request == nil:
		a.request = r
		r.ids = append(r.ids, a.id)
	case a.request != r:
		it.call.queue = append(it.call.queue, it)
		return
	}
	it.tries++
	it.inFlight = true
	it.claimed = false // it counts for good
	r.items = append(r.items, it)
	r.tries = max(r.tries, it.tries)
}

// sharePause is how long the next shared request still waits for more calls.
func (s *scheduler) sharePause(calls []*call, now time.Time) time.Duration {
	agents := 0
	for _, c := range calls {
		agents += len(c.queue)
	}
	if len(calls) >= s.shareCalls || agents >= s.limit {
		return 0
	}
	end := s.arrived.Add(shareQuiet)
	if s.shareUntil.Before(end) {
		end = s.shareUntil
	}
	return max(0, end.Sub(now))
}

// awaitCalls makes the request after a shared one wait for the calls that it
// released.
func (s *scheduler) awaitCalls(r *request, took time.Duration, now time.Time) {
	if r.calls == 1 && s.down == nil {
		return
	}
	wait, calls := min(2*took, maxShare), r.calls
	if s.down != nil { // its refusal may take no time, and nobody gains by the next one
		wait, calls = maxShare, s.limit
	}
	for _, l := range s.lanes {
		calls += len(filter(l.calls, (*call).waits))
	}
	s.arrived, s.shareUntil, s.shareCalls = now, now.Add(wait), calls
}
