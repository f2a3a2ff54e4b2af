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
		ready, callDue := c.has(now)
		if ready {
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

// withdraw removes what waits here of c.
func (l *lane) withdraw(c *call) (waiting []*chunk) {
	waiting, c.queue = c.queue, nil
	l.calls = slices.DeleteFunc(l.calls, func(other *call) bool { return other == c })
	for _, p := range l.parts {
		p.chunks = slices.DeleteFunc(p.chunks, func(w *chunk) bool {
			if w.call == c {
				waiting = append(waiting, w)
			}
			return w.call == c
		})
	}
	return waiting
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
	queued := slices.ContainsFunc(l.calls, func(c *call) bool { ok, _ := c.has(now); return ok })
	// While nothing has been accepted, parts come first: they tell whether
	// anything will be. Later, parts and the others take turns.
	if len(l.parts) > 0 && (!queued || !l.accepted || !l.last) {
		if r := s.composePart(op); r != nil {
			l.last = true
			return r, 0
		}
	}
	l.last = false
	r := &request{op: op}
	agents, sharing := 0, []*call{}
	for _, c := range l.calls {
		ok, _ := c.has(now)
		if !ok || (len(sharing) > 0 && c.alone(now)) {
			continue
		}
		sharing = append(sharing, c)
		agents += c.waiting(now)
		if c.alone(now) {
			break // the first one
		}
	}
	if len(sharing) == 0 {
		return nil, 0
	}
	if pause := s.sharePause(len(sharing), agents, now); pause > 0 {
		return s.composePart(op), pause
	}
	sharing = sharing[:min(len(sharing), s.limit)]
	s.share(r, sharing, now)
	l.moveBack(sharing)
	if len(r.ids) == 0 {
		return nil, 0
	}
	return r, 0
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

// share fills r. Each call gets an even share of the room; those with fewer
// agents leave the rest of theirs to the others. There are no more calls than
// agents in a request.
func (s *scheduler) share(r *request, calls []*call, now time.Time) {
	calls = slices.Clone(calls)
	waiting := make(map[*call]int, len(calls))
	for _, c := range calls {
		waiting[c] = c.waiting(now)
	}
	slices.SortStableFunc(calls, func(a, b *call) int { return waiting[a] - waiting[b] })
	room, seen := s.limit, map[string]struct{}{}
	for i, c := range calls {
		share := min(waiting[c], room/(len(calls)-i))
		room -= share
		s.take(r, c, share, seen, now)
	}
}

// take moves up to n agents of c's queue into r. Agents that are in flight for
// another call stay.
func (s *scheduler) take(r *request, c *call, n int, seen map[string]struct{}, now time.Time) {
	alone := c.alone(now)
	before := len(r.chunks)
	for _, w := range c.queue {
		if n == 0 {
			break
		}
		if w.notBefore.After(now) || w.alone != alone {
			continue
		}
		size := min(n, len(w.ids))
		n -= size
		ids := s.moves.sendable(s, c, w.ids[:size:size])
		w.ids = w.ids[size:]
		if busy := filter(ids, s.isFlying); len(busy) > 0 {
			ids = filter(ids, func(id string) bool { return !s.isFlying(id) })
			w.ids = slices.Concat(busy, w.ids)
		}
		if len(ids) > 0 {
			r.add(&chunk{call: c, ids: ids, tries: w.tries + 1, sent: w.sent, alone: w.alone, final: w.final}, seen)
		}
	}
	c.queue = slices.DeleteFunc(c.queue, func(w *chunk) bool { return len(w.ids) == 0 })
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

// waiting is the number of agents that c could send in one request.
func (c *call) waiting(now time.Time) (n int) {
	alone := c.alone(now)
	for _, w := range c.queue {
		if !w.notBefore.After(now) && w.alone == alone {
			n += len(w.ids)
		}
	}
	return n
}

// alone reports whether c's next request is not to be shared.
func (c *call) alone(now time.Time) bool {
	for _, w := range c.queue {
		if !w.notBefore.After(now) {
			return w.alone
		}
	}
	return false
}

func filter[T any](list []T, keep func(T) bool) (kept []T) {
	for _, x := range list {
		if keep(x) {
			kept = append(kept, x)
		}
	}
	return kept
}
