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
	blocked   map[string][]*call  // to be unset, waiting for the outcome of a set

	starting     []arrival // calls that are to unset, in the order in which they came
	maxRemovals  int       // negative: no limit
	removalsUsed int
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
		blocked: map[string][]*call{}, maxRemovals: maxRemovals,
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
		c := next.call
		if c.open == 0 || len(c.queue) == 0 {
			continue
		}
		w := c.queue[0]
		w.ids = m.settled(s, c, w.ids)
		n := len(w.ids)
		switch {
		case n == 0:
			c.queue = nil
		case m.maxRemovals >= 0 && m.removalsUsed+n > m.maxRemovals:
			c.queue = nil
			s.fail(c, &RemovalLimitError{Limit: m.maxRemovals, Used: m.removalsUsed, Asked: n}, nil, w.ids)
		default:
			m.removalsUsed += n
			s.arrived = now
			s.lanes[Unset].calls = append(s.lanes[Unset].calls, c)
		}
	}
	return time.Time{}
}

// sendable is settled for agents that admit has counted.
func (m *moves) sendable(s *scheduler, c *call, ids []string) []string {
	left := m.settled(s, c, ids)
	if c.op == Unset {
		m.removalsUsed -= len(ids) - len(left)
	}
	return left
}

// settled returns the agents of a call that may be sent. Of an unset, those that
// this run sets are kept, fail, or wait for the outcome of the set.
func (m *moves) settled(s *scheduler, c *call, ids []string) []string {
	if c.op == Set {
		return ids
	}
	isMoved := func(id string) bool {
		_, confirmed := m.confirmed[id]
		return confirmed || m.pending[id] > 0 || m.failed[id] != nil
	}
	if !slices.ContainsFunc(ids, isMoved) {
		return ids
	}
	for _, id := range ids {
		if m.pending[id] > 0 {
			m.blocked[id] = append(m.blocked[id], c)
		} else if isMoved(id) {
			s.resolve(c, id)
		}
	}
	return filter(ids, func(id string) bool { return !isMoved(id) })
}

// resolve ends the unset of an agent that this run was to set.
func (s *scheduler) resolve(c *call, id string) {
	if c.open == 0 {
		return
	}
	if _, ok := s.moves.confirmed[id]; ok {
		c.kept = append(c.kept, id)
		c.settle(1)
		return
	}
	s.fail(c, &SetFailedError{s.moves.failed[id]}, nil, []string{id})
}

// outcome notes whether a set of these agents was confirmed, and ends the unsets
// that waited for it.
func (s *scheduler) outcome(ids []string, err error) {
	m := &s.moves
	for _, id := range ids {
		if m.pending[id]--; m.pending[id] <= 0 {
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
		for _, c := range m.blocked[id] {
			s.resolve(c, id)
		}
		delete(m.blocked, id)
	}
}

// withdraw removes c's agents that wait for the outcome of a set.
func (m *moves) withdraw(c *call) (ids []string) {
	for id, calls := range m.blocked {
		if i := slices.Index(calls, c); i >= 0 {
			ids = append(ids, id)
			m.blocked[id] = slices.Delete(calls, i, i+1)
		}
	}
	slices.Sort(ids)
	return ids
}
