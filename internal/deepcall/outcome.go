package deepcall

import (
	"fmt"
	"slices"
	"time"
)

// accept records the answer to r.
func (s *scheduler) accept(r *request, found verdicts, took time.Duration, now time.Time) {
	s.lanes[r.op].accepted, s.down = true, nil
	s.end(r)
	s.awaitCalls(r, took, now)
	s.learnLimit(r)
	shares := r.shares()
	recordAgentless(shares, found)
	for _, own := range shares {
		c := own[0].call
		var busy []*item
		for _, it := range own {
			refusal, mentioned := found.of[it.agent.id]
			it.sent, it.unclear = true, !mentioned
			switch {
			case !mentioned:
				s.fail(it, notMentioned)
			case refusal == nil:
				s.finish(it, nil)
			case refusal.inProcessing && it.busy < s.config.MaxRetries:
				it.busy++
				it.last = refusal
				busy = append(busy, it)
			default:
				s.fail(it, refusal)
			}
		}
		s.delay(busy, now)
		c.report(nil, false)
	}
}

// recordAgentless records errors that name no agent in the calls that they may
// concern: those with an agent that the answer does not confirm, else any one.
func recordAgentless(shares [][]*item, found verdicts) {
	concerned := filter(shares, func(own []*item) bool {
		return slices.ContainsFunc(own, func(it *item) bool { return !found.confirms(it.agent.id) })
	})
	if len(concerned) == 0 {
		concerned = shares[:min(1, len(shares))]
	}
	for _, own := range concerned {
		for _, message := range found.agentless {
			own[0].call.failure(&AgentlessError{message})
		}
	}
}

// delay makes agents of a call that the API was busy with wait.
func (s *scheduler) delay(busy []*item, now time.Time) {
	if len(busy) == 0 {
		return
	}
	c := busy[0].call
	due := now.Add(s.config.Backoff(busy[0].busy))
	if deadline, ok := c.ctx.Deadline(); ok && due.After(deadline) {
		for _, it := range busy {
			s.fail(it, it.last)
		}
		return
	}
	s.delayed = append(s.delayed, delayed{busy, due})
}

// refuse handles a request that failed as a whole. It reports whether any of its
// agents will be sent again.
func (s *scheduler) refuse(r *request, err error, took time.Duration, now time.Time) (again bool) {
	s.end(r)
	shares := r.shares()
	if len(shares) == 0 { // all have left, which is perhaps why it failed
		return false
	}
	l, class, spent := s.lanes[r.op], Classify(err), r.tries > s.config.MaxRetries
	if r.unclear {
		err = wasSent(err)
	}
	r.unclear = r.unclear || isUnclear(err)
	open := filter(r.items, isOpen)
	wait, divided := time.Duration(0), l.divide(r, open, class, spent)
	for _, it := range open {
		it.unclear = it.unclear || r.unclear
		it.sent = it.sent || it.unclear || !divided
		it.last = err
	}
	retried := !divided && !spent && (class == ClassBusy || class == ClassDown && s.down == nil)
	switch {
	case divided:
	case retried:
		r.answered = r.answered || class == ClassBusy
		l.again, l.shareNext = slices.Insert(l.again, 0, r), false
		wait = s.config.Backoff(r.tries)
	default:
		s.giveUp(r, open, class, err)
	}
	s.hold(err, wait, now)
	s.awaitCalls(r, took, now)
	for _, l := range s.lanes {
		if l.stopped != nil {
			s.failLane(l, l.stopped)
		}
	}
	s.dropLate(now)
	for _, own := range shares {
		c := own[0].call
		c.report(err, (divided || retried) && c.open > 0)
	}
	return divided || retried
}

// maxRefusedCalls is how many calls get the same answer in requests of their own
// before an endpoint that accepts nothing is believed to give it to all.
const maxRefusedCalls = 3

// giveUp ends what a refusal concerns that is final: agents, calls, or all that
// waits.
func (s *scheduler) giveUp(r *request, open []*item, class Class, err error) {
	l := s.lanes[r.op]
	switch class {
	case ClassContent:
		for _, it := range open {
			s.fail(it, err)
		}
		l.refusedAlone[open[0].agent] = true
		if !l.accepted && len(l.refusedAlone) >= maxRefusedAlone {
			l.stop(err)
		}
		return
	case ClassCredentials:
		s.lanes[1-r.op].stop(err)
		l.stop(err)
	case ClassRights:
		l.stop(err)
	case ClassOther:
		c, reason := open[0].call, sameAnswer(err)
		if !l.accepted && !slices.Contains(l.refusedCalls[reason], c) {
			l.refusedCalls[reason] = append(l.refusedCalls[reason], c)
		}
		if len(l.refusedCalls[reason]) >= maxRefusedCalls {
			l.stop(err)
		}
	case ClassDown, ClassBusy:
		err = gaveUp(err, r.tries)
	}
	for _, own := range byCall(open) {
		s.failWaiting(own[0].call, err)
	}
	if class == ClassDown && !r.answered { // all tries found it down
		s.down = err
		for _, l := range s.lanes {
			s.failLane(l, err)
		}
	}
}

// sameAnswer identifies an answer without what may differ each time it is given.
func sameAnswer(err error) string {
	switch e := err.(type) { //nolint:errorlint // from the transport, never wrapped
	case *HTTPError:
		return fmt.Sprint("HTTP ", e.Status)
	case *APIError:
		return "code " + codeOf(e)
	case *AnswerError:
		return fmt.Sprint("HTTP ", e.Status, e.Problem)
	}
	return err.Error()
}
