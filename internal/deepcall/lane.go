package deepcall

import (
	"slices"
	"time"
)

// lane is what waits for one operation, and what the run has learned about it.
type lane struct {
	calls []*call // with a queue, in turn
	parts []*part // of refused requests, the next one last
	last  bool    // whether the last request was made from a part

	accepted     bool             // a request was
	refusedAlone int              // agents that were refused in a request of their own, while nothing was accepted
	refusedCalls map[string]int   // calls by the failure of class "other" that a request of their own met, likewise
	counted      map[*call]string // which
	stopped      error            // ends sending here
}

func newLane() *lane {
	return &lane{refusedCalls: map[string]int{}, counted: map[*call]string{}}
}

// has reports whether a request may be made now, and otherwise when one may.
func (l *lane) has(now time.Time) (ok bool, due time.Time) {
	if len(l.parts) > 0 {
		return true, time.Time{}
	}
	for _, c := range l.calls {
		ready, _, callDue := c.ready(now)
		if len(ready) > 0 {
			return true, time.Time{}
		}
		due = earlier(due, callDue)
	}
	return false, due
}

// waiting returns the calls with agents that wait here.
func (l *lane) waiting() []*call {
	calls := slices.Clone(l.calls)
	for _, p := range l.parts {
		for _, w := range p.chunks {
			if w.call.open > 0 && !slices.Contains(calls, w.call) {
				calls = append(calls, w.call)
			}
		}
	}
	return calls
}

// withdraw removes what waits here of c: agents whose earlier requests may have
// done the work, and others.
func (l *lane) withdraw(c *call) (sent, notTried []string) {
	take := func(w *chunk) bool {
		switch {
		case w.call != c:
			return false
		case w.sent || w.downs > 0:
			sent = append(sent, w.ids...)
		default:
			notTried = append(notTried, w.ids...)
		}
		return true
	}
	c.queue = slices.DeleteFunc(c.queue, take)
	l.calls = slices.DeleteFunc(l.calls, func(other *call) bool { return other == c })
	for _, p := range l.parts {
		p.chunks = slices.DeleteFunc(p.chunks, take)
	}
	return sent, notTried
}

// requeue puts a chunk at the head of its call.
func (l *lane) requeue(w *chunk) {
	w.call.queue = slices.Insert(w.call.queue, 0, w)
	if !slices.Contains(l.calls, w.call) {
		l.calls = slices.Insert(l.calls, 0, w.call)
	}
}

// compose makes the next request of a lane, from a part or from what waits. It
// may have to wait for calls to share it, and may find that nothing is left.
func (s *scheduler) compose(op Operation, now time.Time) (*request, time.Duration) {
	l := s.lanes[op]
	sharing, agents := l.sharing(now)
	// While nothing has been accepted, parts come first: they tell whether
	// anything will be. Later, parts and the others take turns.
	if len(l.parts) > 0 && (len(sharing) == 0 || !l.accepted || !l.last) {
		if r := s.composePart(op); r != nil {
			l.last = true
			return r, 0
		}
		if len(l.parts) > 0 {
			return nil, 0 // until a probe has landed
		}
	}
	l.last = false
	if len(sharing) == 0 {
		return nil, 0
	}
	if pause := s.sharePause(len(sharing), agents, now); pause > 0 {
		return s.composePart(op), pause
	}
	sharing = sharing[:min(len(sharing), s.limit)]
	r := s.share(op, sharing, now)
	l.moveBack(sharing)
	if len(r.ids) == 0 {
		return nil, 0
	}
	return r, 0
}

// sharing returns the calls that can share the next request, and how many agents
// they have. One that is not to be shared has its turn when it is the first.
func (l *lane) sharing(now time.Time) (calls []*call, agents int) {
	for _, c := range l.calls {
		ready, n, _ := c.ready(now)
		switch {
		case len(ready) == 0 || (ready[0].alone && len(calls) > 0):
			continue
		case ready[0].alone:
			return []*call{c}, n
		}
		calls = append(calls, c)
		agents += n
	}
	return calls, agents
}

// moveBack puts the calls that were just served behind the others.
func (l *lane) moveBack(served []*call) {
	is := make(map[*call]bool, len(served))
	for _, c := range served {
		is[c] = true
	}
	waits := func(want bool) []*call {
		return filter(l.calls, func(c *call) bool { return is[c] == want && len(c.queue) > 0 })
	}
	l.calls = slices.Concat(waits(false), waits(true))
}

// share makes a request of what these calls have, of whom there are no more than
// it may have agents. Each call gets an even share of the room; those with fewer
// agents leave the rest of theirs to the others.
func (s *scheduler) share(op Operation, calls []*call, now time.Time) *request {
	calls = slices.Clone(calls)
	ready, waiting := map[*call][]*chunk{}, map[*call]int{}
	for _, c := range calls {
		ready[c], waiting[c], _ = c.ready(now)
	}
	slices.SortStableFunc(calls, func(a, b *call) int { return waiting[a] - waiting[b] })
	r, room, seen := &request{op: op}, s.limit, map[string]struct{}{}
	for i, c := range calls {
		n := min(waiting[c], room/(len(calls)-i))
		room -= n
		s.take(r, ready[c], n, seen)
		c.queue = slices.DeleteFunc(c.queue, func(w *chunk) bool { return len(w.ids) == 0 })
	}
	return r
}

// take moves up to n agents of a call's chunks into r. Agents that are in flight
// for another call stay.
func (s *scheduler) take(r *request, chunks []*chunk, n int, seen map[string]struct{}) {
	before := len(r.chunks)
	for _, w := range chunks {
		size := min(n, len(w.ids))
		n -= size
		piece := *w
		piece.ids = w.ids[:size:size]
		ids := s.moves.sendable(s, &piece)
		w.ids = w.ids[size:]
		if busy := filter(ids, s.isFlying); len(busy) > 0 {
			ids = filter(ids, func(id string) bool { return !s.isFlying(id) })
			w.ids = slices.Concat(busy, w.ids)
		}
		if len(ids) > 0 {
			piece.ids, piece.tries = ids, w.tries+1
			r.add(&piece, seen)
		}
	}
	if len(r.chunks) > before {
		r.calls++
	}
}

func (s *scheduler) isFlying(id string) bool { _, ok := s.flying[id]; return ok }

func (r *request) add(w *chunk, seen map[string]struct{}) {
	r.chunks = append(r.chunks, w)
	r.tries = max(r.tries, w.tries)
	for _, id := range w.ids {
		if _, twice := seen[id]; !twice {
			seen[id] = struct{}{}
			r.ids = append(r.ids, id)
		}
	}
}

func filter[T any](list []T, keep func(T) bool) (kept []T) {
	for _, x := range list {
		if keep(x) {
			kept = append(kept, x)
		}
	}
	return kept
}
