package deepcall

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// accept records the answer to r.
func (s *scheduler) accept(r *request, found verdicts, took time.Duration, now time.Time) {
	s.lanes[r.op].accepted, s.down = true, nil
	s.land(r)
	s.awaitCalls(r, took, now)
	s.largest = max(s.largest, len(r.ids))
	if limit := r.part.accept(len(r.ids)); limit > 0 {
		s.limit = min(s.limit, max(limit, s.largest))
	}
	callers := r.callers()
	for _, c := range callers {
		c.last = nil
	}
	s.recordAgentless(r, callers, found)
	busyUntil := now.Add(s.backoff(r.tries))
	for _, it := range r.items {
		it.sent = true
		v, mentioned := found.of[it.agent.id]
		switch {
		case !mentioned:
			s.fail(it, notMentioned)
		case v.refusal == nil:
			s.settle(it, nil)
		case v.refusal.inProcessing && it.tries <= s.maxRetries:
			s.delay(it, v.refusal, busyUntil)
		default:
			s.fail(it, v.refusal)
		}
	}
	for _, c := range callers {
		c.report(nil, false)
	}
}

// recordAgentless records errors that name no agent. They concern the calls that
// have an agent without confirmation; with none, they are one call's warnings.
func (s *scheduler) recordAgentless(r *request, callers []*call, found verdicts) {
	unconfirmed := func(it *item) bool {
		v, mentioned := found.of[it.agent.id]
		return !mentioned || v.refusal != nil
	}
	for _, message := range found.agentless {
		concerns := false
		for _, own := range byCall(r.items) {
			if c := own[0].call; c.open > 0 && slices.ContainsFunc(own, unconfirmed) {
				c.failures.of(&AgentlessError{message})
				concerns = true
			}
		}
		if !concerns && len(callers) > 0 && !slices.Contains(callers[0].warnings, message) {
			callers[0].warnings = append(callers[0].warnings, message)
		}
	}
}

// dueStep is the granularity of the times at which busy agents are due.
const dueStep = 100 * time.Millisecond

// delay makes an agent that the API was busy with wait. Those that are due at
// about the same time wait together: there may be thousands.
func (s *scheduler) delay(it *item, busy error, due time.Time) {
	c := it.call
	if deadline, ok := c.ctx.Deadline(); ok && due.After(deadline) {
		s.fail(it, busy)
		return
	}
	c.last = busy
	due = due.Add(dueStep - 1).Truncate(dueStep)
	if n := len(s.delayed); n > 0 {
		if last := &s.delayed[n-1]; last.due.Equal(due) && last.items[0].call == c {
			last.items = append(last.items, it)
			return
		}
	}
	s.delayed = append(s.delayed, delayed{[]*item{it}, due})
}

// refuse handles a request that failed as a whole. It reports whether any of its
// agents will be sent again.
func (s *scheduler) refuse(r *request, err error, took time.Duration, now time.Time) (again bool) {
	s.land(r)
	callers := r.callers()
	if len(callers) == 0 { // they have left, which is perhaps why it failed
		return false
	}
	s.hold(err, 0, now) // where the server asked for it
	class, unclear := Classify(err), isUnclear(err)
	open := filter(r.items, isOpen)
	for _, it := range open {
		it.sent = it.sent || unclear || class == ClassDown
		it.call.unclear = it.call.unclear || unclear
		it.call.last = err
	}
	l := s.lanes[r.op]
	switch class {
	case ClassContent:
		again = s.narrow(r, open, err)
	case ClassDown:
		again = s.retryDown(r, open, err, now)
	case ClassBusy:
		again = s.retry(r, open, err, now)
	case ClassCredentials:
		s.failCalls(open, err)
		for _, l := range s.lanes {
			l.stop(err)
		}
	case ClassRights:
		s.failCalls(open, err)
		l.stop(err)
	case ClassOther:
		again = s.separate(r, open, err)
	}
	s.awaitCalls(r, took, now)
	s.failStopped()
	s.dropLate(now)
	for _, c := range callers {
		c.report(err, again && c.open > 0)
	}
	return again
}

// stop ends sending of one operation in this run. What is in flight is still
// recorded.
func (l *lane) stop(err error) { l.stopped = cmp.Or(l.stopped, err) }

// narrow handles a request that was refused for its content: alone, an agent is
// at fault; more are split.
func (s *scheduler) narrow(r *request, open []*item, err error) (again bool) {
	l := s.lanes[r.op]
	if len(r.ids) > 1 {
		for _, it := range open {
			it.tries-- // fewer agents are another request, not another try
		}
		// What has left will not be accepted.
		from := &split{open: 1 + len(r.items) - len(open)}
		l.parts = append(l.parts, &part{items: open, refused: true, split: from})
		return true
	}
	for _, it := range open {
		it.sent = true
		s.fail(it, err)
	}
	l.refusedAlone++
	if !l.accepted && l.refusedAlone >= maxRefusedAlone {
		l.stop(err)
	}
	return false
}

// retryDown is retry for an API that did not answer. It is known to be down only
// when it was for all tries of some agents. Then all that waits is given up, and
// what comes later gets a single try.
func (s *scheduler) retryDown(r *request, open []*item, err error, now time.Time) (again bool) {
	downs := 0
	for _, it := range open {
		it.downs++
		downs = max(downs, it.downs)
	}
	if s.down == nil && downs <= s.maxRetries {
		return s.retry(r, open, err, now)
	}
	s.down = err
	reason := &GaveUpError{Tries: downs, Err: err}
	s.failCalls(open, reason)
	for _, l := range s.lanes {
		s.failLane(l, reason)
	}
	return false
}

// retry sends r again while retries are left: as the part that it was, or from
// the queues of its calls, where new calls can join them. It is next, so that an
// API that is down is tried with the same agents until it is known to be down.
func (s *scheduler) retry(r *request, open []*item, err error, now time.Time) (again bool) {
	l := s.lanes[r.op]
	hasTries := func(it *item) bool { return it.tries <= s.maxRetries }
	left := filter(open, hasTries)
	if len(left) > 0 {
		s.hold(err, s.backoff(r.tries), now)
		if r.part != nil {
			if len(left) < len(r.items) {
				r.part.split = nil // what is left says nothing about a limit
			}
			r.part.items = left
			l.parts = append(l.parts, r.part)
		} else {
			l.requeue(left)
		}
	}
	spent := filter(open, func(it *item) bool { return !hasTries(it) })
	if r.calls > 1 && Classify(err) == ClassBusy {
		l.separate(spent)
		return true
	}
	reason := &GaveUpError{Tries: r.tries, Err: err}
	if len(left) == 0 {
		s.failCalls(spent, reason)
		return false
	}
	for _, it := range spent { // alone, since the rest of their calls has tries left
		it.sent = true
		s.fail(it, reason)
	}
	return true
}

// maxRefusedCalls is how many calls get the same answer in requests of their own
// before an endpoint that accepts nothing is believed to give it to all.
const maxRefusedCalls = 3

// separate handles a failure that is not retried: each call of a shared request
// gets a request of its own.
func (s *scheduler) separate(r *request, open []*item, err error) (again bool) {
	l := s.lanes[r.op]
	if r.calls > 1 {
		for _, it := range open {
			it.tries-- // one call's agents are another request, too
		}
		l.separate(open)
		return true
	}
	s.failCalls(open, err)
	if c, reason := open[0].call, sameAnswer(err); !l.accepted && c.refusedWith != reason {
		c.refusedWith = reason
		l.refusedCalls[reason]++
		if l.refusedCalls[reason] >= maxRefusedCalls {
			l.stop(err)
		}
	}
	return false
}

// sameAnswer identifies an answer without what may differ each time it is given.
func sameAnswer(err error) string {
	switch e := err.(type) { //nolint:errorlint // from the transport, never wrapped
	case *HTTPError:
		return fmt.Sprint("HTTP ", e.Status)
	case *APIError:
		return "code " + e.decisive()
	case *RedirectError:
		return fmt.Sprint("HTTP ", e.Status)
	case *AnswerError:
		return fmt.Sprint("HTTP ", e.Status, e.Problem)
	}
	return err.Error()
}
