package deepcall

import (
	"cmp"
	"slices"
	"time"
)

// lane is what waits for one operation, and what the run has learned about it.
type lane struct {
	op        Operation
	calls     []*call    // that are not over, in turn
	again     []*request // to be sent as they are, the next one first
	halves    []*request // of requests that were refused for their content, likewise
	shareNext bool       // it is the turn of calls, not of what was refused

	accepted bool             // a request was
	refused  map[string][]any // while nothing was accepted: who was refused alone, by the answer
	stopped  error            // ends sending here
}

// waits reports whether there is something to be sent.
func (l *lane) waits() bool {
	return l.resends() || slices.ContainsFunc(l.calls, (*call).waits)
}

func (l *lane) resends() bool { return len(l.again)+len(l.halves) > 0 }

func (c *call) waits() bool { return len(c.queue) > 0 }

// stop ends sending of one operation in this run. What is in flight is still
// recorded.
func (l *lane) stop(err error) { l.stopped = cmp.Or(l.stopped, err) }

// compose makes the next request of a lane, from what was refused or from what
// calls have. It may have to pause for calls to share it, and may find that
// nothing of it is to be sent now: then the request is nil or empty.
func (s *scheduler) compose(l *lane, now time.Time) (r *request, pause time.Duration) {
	// While nothing has been accepted, what was refused comes first: it tells
	// whether anything will be. Later, that and the others take turns.
	if l.resends() && (len(l.sharing()) == 0 || !l.accepted || !l.shareNext) {
		l.shareNext = true
		if r := s.resend(l); r != nil || l.resends() {
			return r, 0 // or wait until a probe has ended
		}
	}
	sharing := l.sharing()
	if pause = s.sharePause(sharing, now); pause > 0 {
		return nil, pause
	}
	l.shareNext = false
	return s.share(l, sharing[:min(len(sharing), s.limit)]), 0
}

// sharing are the calls whose turn it is to share a request. Those that have
// agents in halves have their turns there: a large call of which every request
// is refused would otherwise add halves faster than they are sent.
func (l *lane) sharing() []*call {
	narrowed := map[*call]bool{}
	for _, r := range l.halves {
		for _, it := range r.items {
			narrowed[it.call] = true
		}
	}
	return filter(l.calls, func(c *call) bool { return c.waits() && !narrowed[c] })
}

// share makes a request of what these calls have, of whom there are no more than
// it may have agents. Each call gets an even share of the room; those with fewer
// agents leave the rest of theirs to the others.
func (s *scheduler) share(l *lane, calls []*call) *request {
	slices.SortStableFunc(calls, func(a, b *call) int { return len(a.queue) - len(b.queue) })
	r, room := &request{op: l.op}, s.limit
	for i, c := range calls {
		n := min(len(c.queue), room/(len(calls)-i))
		room -= n
		r.items = append(r.items, c.queue[:n]...)
		c.queue = c.queue[n:]
	}
	// Those that were just served are next behind the others.
	l.calls = slices.DeleteFunc(l.calls, func(c *call) bool { return slices.Contains(calls, c) })
	l.calls = append(l.calls, calls...)
	for _, it := range s.load(r) {
		it.call.queue = append(it.call.queue, it)
	}
	return r
}

// load leaves in r those of its items that are to be sent now. It returns those
// whose agents are in flight for other calls.
func (s *scheduler) load(r *request) (later []*item) {
	items := r.items
	r.items, r.ids = nil, nil
	for _, it := range items {
		a := it.agent
		switch {
		case it.done || s.isMoved(it):
			continue
		case a.request == nil:
			a.request = r
			r.ids = append(r.ids, a.id)
		case a.request != r:
			later = append(later, it)
			continue
		}
		it.inFlight = true
		it.claimed = false // it counts for good
		r.items = append(r.items, it)
	}
	return later
}

// sharePause is how long the next shared request waits for more calls.
func (s *scheduler) sharePause(calls []*call, now time.Time) time.Duration {
	agents := 0
	for _, c := range calls {
		agents += len(c.queue)
	}
	if len(calls) == 0 || len(calls) >= s.shareCalls || agents >= s.limit {
		return 0
	}
	return min(s.arrived.Add(shareQuiet).Sub(now), s.shareUntil.Sub(now))
}

// awaitCalls makes the request after a shared one wait for the calls that it
// released.
func (s *scheduler) awaitCalls(r *request, now time.Time) {
	if r.calls == 1 && s.down == nil {
		return
	}
	wait, calls := min(2*now.Sub(r.started), maxShare), r.calls
	if s.down != nil { // its refusal may take no time, and nobody gains by the next one
		wait, calls = maxShare, s.limit
	}
	for _, l := range s.lanes {
		calls += len(filter(l.calls, (*call).waits))
	}
	s.arrived, s.shareUntil, s.shareCalls = now, now.Add(wait), calls
}
