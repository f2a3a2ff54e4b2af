package deepcall

import (
	"slices"
	"time"
)

// moves knows what this run has done with which agent, so that an agent that
// moves from one resource to another is not switched off: Terraform applies the
// two in any order, or at the same time.
type moves struct {
	pending   map[string]int      // calls that are to set the agent and have no outcome
	confirmed map[string]struct{} // set by this run
	failed    map[string]error    // to be set by this run, and not confirmed
	blocked   map[string][]blocked

	starting []arrival // calls that are to unset, in the order in which they came

	maxRemovals int                 // negative: no limit
	removed     map[string]struct{} // sent to be unset
	removals    map[string]int      // the same, and those that admitted calls may send: how often they are counted
	admitted    []reservation
}

// blocked is a call that is to unset an agent and waits for the outcome of a set.
type blocked struct {
	call *call
	sent bool // the unset may have been done before
}

// reservation is what an admitted call may send, until it ends.
type reservation struct {
	call *call
	ids  []string
}

type arrival struct {
	call *call
	due  time.Time
}

// moveWait is how long an unset waits for sets that start at about the same
// time. It holds as long as Terraform starts both within it.
const moveWait = 300 * time.Millisecond

func newMoves(maxRemovals int) moves {
	return moves{
		pending: map[string]int{}, confirmed: map[string]struct{}{}, failed: map[string]error{},
		blocked: map[string][]blocked{}, maxRemovals: maxRemovals,
		removed: map[string]struct{}{}, removals: map[string]int{},
	}
}

func (m *moves) announce(ids []string) {
	for _, id := range ids {
		m.pending[id]++
	}
}

func (m *moves) wait(c *call, now time.Time) {
	m.starting = append(m.starting, arrival{c, now.Add(moveWait)})
}

// admit queues the unsets that have waited long enough. It returns when the next
// one will have.
func (s *scheduler) admit(now time.Time) (due time.Time) {
	m := &s.moves
	for len(m.starting) > 0 {
		next := m.starting[0]
		if next.due.After(now) {
			return next.due
		}
		m.starting = m.starting[1:]
		c, lane := next.call, s.lanes[Unset]
		if c.open == 0 || len(c.queue) == 0 {
			continue
		}
		w := c.queue[0]
		w.ids = m.sendable(s, w)
		switch n := len(w.ids); {
		case n == 0:
			c.queue = nil
		case lane.stopped != nil:
			s.failWaiting(c, lane.stopped)
		case s.isDown(now):
			s.failWaiting(c, s.tooLate(now))
		default:
			if used := m.reserve(c, w.ids); used >= 0 {
				s.failWaiting(c, &RemovalLimitError{Limit: m.maxRemovals, Used: used, Asked: n})
				continue
			}
			s.arrived = now
			lane.calls = append(lane.calls, c)
		}
	}
	return time.Time{}
}

// reserve counts agents that c may send to be unset. Where that exceeds the
// limit, it counts nothing and returns how many others are counted; else -1.
func (m *moves) reserve(c *call, ids []string) (used int) {
	m.admitted = slices.DeleteFunc(m.admitted, func(r reservation) bool {
		if r.call.open > 0 {
			return false
		}
		for _, id := range r.ids {
			m.uncount(id)
		}
		return true
	})
	before := len(m.removals)
	for _, id := range ids {
		m.removals[id]++
	}
	if m.maxRemovals >= 0 && len(m.removals) > m.maxRemovals {
		for _, id := range ids {
			m.uncount(id)
		}
		return before
	}
	m.admitted = append(m.admitted, reservation{c, ids})
	return -1
}

func (m *moves) uncount(id string) {
	m.removals[id]--
	if m.removals[id] == 0 {
		delete(m.removals, id)
	}
}

// depart counts agents that are sent to be unset, for good.
func (m *moves) depart(ids []string) {
	for _, id := range ids {
		if _, ok := m.removed[id]; !ok {
			m.removed[id] = struct{}{}
			m.removals[id]++
		}
	}
}

// sendable returns the agents of a chunk that may be sent. Of an unset, those
// that this run sets are kept, fail, or wait for the outcome of the set.
func (m *moves) sendable(s *scheduler, w *chunk) []string {
	if w.call.op == Set || w.call.open == 0 {
		return w.ids
	}
	isMoved := func(id string) bool {
		_, confirmed := m.confirmed[id]
		return confirmed || m.pending[id] > 0 || m.failed[id] != nil
	}
	if !slices.ContainsFunc(w.ids, isMoved) {
		return w.ids
	}
	for _, id := range w.ids {
		if _, confirmed := m.confirmed[id]; !confirmed && m.pending[id] > 0 {
			m.blocked[id] = append(m.blocked[id], blocked{w.call, w.sent})
		} else if isMoved(id) {
			s.resolve(blocked{w.call, w.sent}, id)
		}
	}
	return filter(w.ids, func(id string) bool { return !isMoved(id) })
}

// resolve ends the unset of an agent that this run was to set.
func (s *scheduler) resolve(b blocked, id string) {
	sent, notTried := []string{id}, []string(nil)
	if !b.sent {
		sent, notTried = notTried, sent
	}
	s.record(b.call, &SetFailedError{s.moves.failed[id]}, sent, notTried)
}

// outcome notes whether a set of these agents was confirmed, and ends the unsets
// that waited for it.
func (s *scheduler) outcome(ids []string, err error) {
	m := &s.moves
	for _, id := range ids {
		m.pending[id]--
		if m.pending[id] <= 0 {
			delete(m.pending, id)
		}
		if err == nil {
			m.confirmed[id] = struct{}{}
			delete(m.failed, id)
		} else if _, ok := m.confirmed[id]; !ok {
			m.failed[id] = err
		}
		if _, ok := m.confirmed[id]; !ok && m.pending[id] > 0 {
			continue
		}
		for _, b := range m.blocked[id] {
			s.resolve(b, id)
		}
		delete(m.blocked, id)
	}
}

// withdraw removes c's agents that wait for the outcome of a set.
func (m *moves) withdraw(c *call) (sent, notTried []string) {
	for id, waiting := range m.blocked {
		i := slices.IndexFunc(waiting, func(b blocked) bool { return b.call == c })
		switch {
		case i < 0:
			continue
		case waiting[i].sent:
			sent = append(sent, id)
		default:
			notTried = append(notTried, id)
		}
		if m.blocked[id] = slices.Delete(waiting, i, i+1); len(waiting) == 1 {
			delete(m.blocked, id)
		}
	}
	slices.Sort(sent)
	slices.Sort(notTried)
	return sent, notTried
}
