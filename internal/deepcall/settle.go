package deepcall

// settle gives an item its outcome: confirmed, or err. An agent to be unset that
// this run has set is kept instead.
func (s *scheduler) settle(it *item, err error) {
	if it.done {
		return
	}
	it.done = true
	s.release(it)
	c, id := it.call, it.agent.id
	switch {
	case c.op == Unset && it.agent.on:
		c.kept = append(c.kept, id)
	case err == nil:
		c.confirmed = append(c.confirmed, id)
	case it.sent:
		f := c.failures.of(err)
		f.AgentIDs = append(f.AgentIDs, id)
	default:
		f := c.failures.of(err)
		f.NotTried = append(f.NotTried, id)
	}
	if c.op == Set {
		s.setEnded(it.agent, err)
	}
	c.open--
	if c.open == 0 {
		c.signal()
	}
}

// fail ends an item with err, unless this run sets its agent.
func (s *scheduler) fail(it *item, err error) {
	if !it.done && !s.isMoved(it) {
		s.settle(it, err)
	}
}

// failWaiting ends with err what waits of c.
func (s *scheduler) failWaiting(c *call, err error) {
	c.queue = nil
	for _, it := range c.items {
		if !it.inFlight {
			s.fail(it, err)
		}
	}
}

// failLane ends with err what waits in l.
func (s *scheduler) failLane(l *lane, err error) {
	for _, c := range l.calls {
		s.failWaiting(c, err)
	}
}
