package deepcall

import (
	"fmt"
	"slices"
	"time"
)

// agent is what this run knows of one agent. An agent that moves from one
// resource to another is not switched off: Terraform applies the two in any
// order, or at the same time.
type agent struct {
	id      string
	request *request // that carries it, or nil
	setting int      // items that are to set it and have no outcome
	on      bool     // set by this run
	failed  error    // to be set by this run, and not confirmed
	blocked []*item  // to unset it, waiting for the outcome of a set
}

// moveWait is how long an unset waits for sets that start at about the same
// time. It holds as long as Terraform starts both within it.
const moveWait = 300 * time.Millisecond

// isMoved reports whether it is to unset an agent that this run sets. Then it is
// not sent: it is kept, fails, or waits for the outcome of the set.
func (s *scheduler) isMoved(it *item) bool {
	a := it.agent
	switch {
	case it.call.op == Set:
		return false
	case a.on:
		s.finish(it, nil)
	case a.setting > 0:
		if !slices.Contains(a.blocked, it) {
			a.blocked = append(a.blocked, it)
		}
	case a.failed != nil:
		s.finish(it, fmt.Errorf("%w (%s)", ErrSetFailed, a.failed.Error()))
	default:
		return false
	}
	return true
}

// setEnded notes whether a set was confirmed. Unsets that waited for it end, or
// wait for the next one.
func (s *scheduler) setEnded(a *agent, err error) {
	a.setting--
	a.on = a.on || err == nil
	a.failed = err
	blocked := a.blocked
	a.blocked = nil
	for _, it := range blocked {
		s.isMoved(it)
	}
}

// claim counts items as removals. It returns an error if that exceeds the limit.
func (s *scheduler) claim(items []*item) error {
	used := len(s.removals)
	for _, it := range items {
		it.claimed = true
		s.removals[it.agent]++
	}
	if s.config.MaxRemovals < 0 || len(s.removals) <= s.config.MaxRemovals {
		return nil
	}
	return fmt.Errorf("disabling CAD for %d more, after %d in this run, %w of %d", len(items), used, ErrRemovalLimit, s.config.MaxRemovals)
}

// release stops counting it as a removal, unless it was sent.
func (s *scheduler) release(it *item) {
	if !it.claimed {
		return
	}
	s.removals[it.agent]--
	if s.removals[it.agent] == 0 {
		delete(s.removals, it.agent)
	}
}
