package deepcall

// How agents end without confirmation.

// fail records err for agents that were sent and for agents that were not. Of an
// unset, those that this run has confirmed on are kept instead.
func (s *scheduler) fail(c *call, err error, sent, notTried []string) {
	if c.open == 0 {
		return
	}
	n := len(sent) + len(notTried)
	if c.op == Set {
		defer func() {
			s.outcome(sent, err)
			s.outcome(notTried, err)
		}()
	} else {
		isOn := func(id string) bool { _, ok := s.moves.confirmed[id]; return ok }
		c.kept = append(c.kept, filter(sent, isOn)...)
		c.kept = append(c.kept, filter(notTried, isOn)...)
		isOff := func(id string) bool { return !isOn(id) }
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

// failWaiting records err for what waits of c, in its lane or for a set.
func (s *scheduler) failWaiting(c *call, err error) {
	var sent, notTried []string
	for _, w := range s.lanes[c.op].withdraw(c) {
		if w.sent || w.tries > 0 {
			sent = append(sent, w.ids...)
		} else {
			notTried = append(notTried, w.ids...)
		}
	}
	if len(sent)+len(notTried) > 0 {
		s.fail(c, err, sent, notTried)
	}
}

// failCall records err for all of c that has no outcome yet.
func (s *scheduler) failCall(c *call, err error) {
	var unanswered []string
	for _, r := range s.inFlight {
		for _, w := range r.chunks {
			if w.call == c {
				unanswered = append(unanswered, w.ids...)
			}
		}
	}
	waiting := s.moves.withdraw(c)
	for _, w := range s.lanes[c.op].withdraw(c) {
		if w.sent || w.tries > 0 {
			unanswered = append(unanswered, w.ids...)
		} else {
			waiting = append(waiting, w.ids...)
		}
	}
	s.fail(c, err, unanswered, waiting)
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
	if err := s.lanes[Unset].stopped; err != nil {
		for _, a := range s.moves.starting {
			s.failWaiting(a.call, err)
		}
	}
}
