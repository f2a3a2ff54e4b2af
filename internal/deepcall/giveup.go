package deepcall

import "slices"

// How agents end without confirmation.

// fail records err for agents that were sent and for agents that were not. Of an
// unset, it takes only those that this run does not set; the others have or will
// have an outcome that depends on the set.
func (s *scheduler) fail(c *call, err error, sent, notTried []string) {
	sent = s.moves.sendable(s, &chunk{call: c, ids: sent, sent: true})
	notTried = s.moves.sendable(s, &chunk{call: c, ids: notTried})
	s.record(c, err, sent, notTried)
}

// record is fail for agents whose outcome waits for nothing.
func (s *scheduler) record(c *call, err error, sent, notTried []string) {
	n := len(sent) + len(notTried)
	if c.open == 0 || n == 0 {
		return
	}
	if c.sent {
		err = wasSent(err)
	}
	if c.op == Set {
		defer s.outcome(slices.Concat(sent, notTried), err)
	} else {
		isOn := func(id string) bool { _, ok := s.moves.confirmed[id]; return ok }
		isOff := func(id string) bool { return !isOn(id) }
		c.kept = slices.Concat(c.kept, filter(sent, isOn), filter(notTried, isOn))
		sent, notTried = filter(sent, isOff), filter(notTried, isOff)
	}
	if len(sent)+len(notTried) > 0 {
		c.failures.add(err, sent, notTried)
		c.failed += len(sent) + len(notTried)
	}
	c.settle(n)
}

func (s *scheduler) failChunks(chunks []*chunk, err error) {
	for _, w := range chunks {
		s.fail(w.call, err, w.ids, nil)
	}
}

// failWaiting records err for what waits of c in its lane.
func (s *scheduler) failWaiting(c *call, err error) {
	sent, notTried := s.lanes[c.op].withdraw(c)
	s.fail(c, err, sent, notTried)
}

// failCall records err for all of c that has no outcome yet.
func (s *scheduler) failCall(c *call, err error) {
	sent, notTried := s.lanes[c.op].withdraw(c)
	blockedSent, blockedNot := s.moves.withdraw(c)
	sent, notTried = slices.Concat(sent, blockedSent), slices.Concat(notTried, blockedNot)
	for _, r := range s.inFlight {
		for _, w := range r.chunks {
			if w.call == c {
				sent = append(sent, w.ids...)
			}
		}
	}
	s.record(c, err, sent, notTried)
}

// stop ends all sending in this run. What is in flight is still recorded.
func (s *scheduler) stop(err error) {
	for _, l := range s.lanes {
		s.stopLane(l, err)
	}
}

// stopLane ends sending of one operation in this run.
func (s *scheduler) stopLane(l *lane, err error) {
	if l.stopped == nil {
		l.stopped = err
	}
	s.failStopped()
}

// failStopped fails what waits in lanes that are stopped.
func (s *scheduler) failStopped() {
	for _, l := range s.lanes {
		if l.stopped == nil {
			continue
		}
		for _, c := range l.waiting() {
			s.failWaiting(c, l.stopped)
		}
	}
}
