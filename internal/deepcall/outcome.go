package deepcall

import (
	"fmt"
	"slices"
	"time"
)

// accept records the answer to r.
func (s *scheduler) accept(r *request, found verdicts, took time.Duration, now time.Time) {
	l := s.lanes[r.op]
	l.accepted, s.down = true, nil
	s.land(r, took, now)
	s.largest = max(s.largest, len(r.ids))
	if limit := r.part.accept(len(r.ids)); limit > 0 {
		s.limit = min(s.limit, max(limit, s.largest))
	}
	callers := r.callers()
	s.recordAgentless(r, callers, found)
	for _, w := range r.chunks {
		if w.call.open > 0 {
			w.call.last = nil
			s.acceptChunk(w, found, now)
		}
	}
	s.failStopped()
	for _, c := range callers {
		c.report(nil, false)
	}
}

// recordAgentless records errors that name no agent. They concern the calls that
// have an agent without confirmation; with none, they are one call's warnings.
func (s *scheduler) recordAgentless(r *request, callers []*call, found verdicts) {
	if len(found.agentless) == 0 {
		return
	}
	confirmed := func(id string) bool { v, ok := found.of[id]; return ok && v.refusal == nil }
	var concerned []*call
	for _, w := range r.chunks {
		if w.call.open > 0 && !slices.Contains(concerned, w.call) && slices.ContainsFunc(w.ids, func(id string) bool { return !confirmed(id) }) {
			concerned = append(concerned, w.call)
		}
	}
	for _, message := range found.agentless {
		for _, c := range concerned {
			c.failures.add(&AgentlessError{message}, nil, nil)
		}
		if len(concerned) == 0 && len(callers) > 0 && !slices.Contains(callers[0].warnings, message) {
			callers[0].warnings = append(callers[0].warnings, message)
		}
	}
}

func (s *scheduler) acceptChunk(w *chunk, found verdicts, now time.Time) {
	var confirmed, busy []string
	refusals := failures{}
	for _, id := range w.ids {
		v, mentioned := found.of[id]
		switch {
		case !mentioned:
			refusals.add(notMentioned, []string{id}, nil)
		case v.refusal == nil:
			confirmed = append(confirmed, id)
		case v.refusal.inProcessing && w.tries <= s.maxRetries && !w.final:
			busy = append(busy, id)
		default:
			refusals.add(v.refusal, []string{id}, nil)
		}
	}
	c := w.call
	if c.op == Set {
		s.outcome(confirmed, nil)
	}
	for _, f := range refusals.list {
		s.fail(c, f.Err, f.AgentIDs, nil)
	}
	c.confirmed = append(c.confirmed, confirmed...)
	c.settle(len(confirmed))
	if len(busy) == 0 {
		return
	}
	wait := s.backoff(w.tries)
	if deadline, ok := c.ctx.Deadline(); ok && now.Add(wait).After(deadline) {
		s.fail(c, &RefusedError{Message: inProcessing, inProcessing: true}, busy, nil)
		return
	}
	c.last = &RefusedError{Message: inProcessing, inProcessing: true}
	c.delay(w, busy, now, wait)
	if l := s.lanes[c.op]; !slices.Contains(l.calls, c) {
		l.calls = append(l.calls, c)
	}
}

// callers are the calls in r that are not over.
func (r *request) callers() (callers []*call) {
	seen := make(map[*call]struct{}, r.calls)
	for _, w := range r.chunks {
		if _, twice := seen[w.call]; !twice && w.call.open > 0 {
			seen[w.call] = struct{}{}
			callers = append(callers, w.call)
		}
	}
	return callers
}

// refuse handles a request that failed as a whole. It reports whether any of its
// agents will be sent again.
func (s *scheduler) refuse(r *request, err error, took time.Duration, now time.Time) (again bool) {
	callers := r.callers()
	if len(callers) == 0 { // they have left, which is perhaps why it failed
		s.land(r, took, now)
		return false
	}
	l := s.lanes[r.op]
	class := Classify(err)
	s.hold(err, 0, now) // where the server asked for it
	unclear := isUnclear(err)
	for _, w := range r.chunks {
		w.sent = w.sent || unclear
		w.call.sent = w.call.sent || unclear
		w.call.last = err
	}
	if class != ClassDown {
		s.down = nil
	}
	open := filter(r.chunks, func(w *chunk) bool { return w.call.open > 0 })
	switch class {
	case ClassContent:
		again = s.narrow(r, err)
	case ClassDown, ClassBusy:
		again = s.retry(r, open, err, now)
	case ClassCredentials:
		s.failChunks(open, err)
		s.stop(err)
	case ClassRights:
		s.failChunks(open, err)
		s.stopLane(l, err)
	case ClassOther:
		again = s.separate(r, open, err)
	}
	s.land(r, took, now)
	s.failStopped()
	s.dropLate(now)
	for _, c := range callers {
		c.report(err, again && c.open > 0)
	}
	return again
}

// retry sends r again while retries are left. The API is known to be down only
// when it was for all tries of some agents.
func (s *scheduler) retry(r *request, open []*chunk, err error, now time.Time) (again bool) {
	down, downs := Classify(err) == ClassDown, 0
	if down {
		for _, w := range open {
			w.downs++
			downs = max(downs, w.downs)
		}
	}
	if down && (s.down != nil || downs > s.maxRetries) {
		s.apiDown(open, err, downs)
		return false
	}
	exhausted := func(w *chunk) bool { return w.final || w.tries > s.maxRetries }
	left := filter(open, func(w *chunk) bool { return !exhausted(w) })
	if len(left) > 0 {
		s.hold(err, s.backoff(r.tries), now)
		s.putBack(r, left)
	}
	for _, w := range slices.Backward(filter(open, exhausted)) {
		if r.calls > 1 && !down && !w.final {
			w.alone, w.final = true, true
			s.lanes[r.op].requeue(w)
			left = append(left, w)
			continue
		}
		reason := &GaveUpError{Tries: w.tries, Err: err}
		s.fail(w.call, reason, w.ids, nil)
		s.failWaiting(w.call, reason)
	}
	return len(left) > 0
}

// putBack makes r's chunks wait again: as the part that they were, or at the
// head of their calls, where new calls can join them.
func (s *scheduler) putBack(r *request, chunks []*chunk) {
	l := s.lanes[r.op]
	if r.part != nil {
		r.part.chunks = chunks
		l.parts = append(l.parts, r.part)
		return
	}
	for _, w := range slices.Backward(chunks) {
		l.requeue(w)
	}
}

// apiDown gives up everything that waits. What comes later gets a single try.
func (s *scheduler) apiDown(open []*chunk, err error, tries int) {
	s.down = err
	reason := &GaveUpError{Tries: tries, Err: err}
	s.failChunks(open, reason)
	for _, l := range s.lanes {
		for _, c := range l.waiting() {
			s.failWaiting(c, reason)
		}
	}
}

// separate handles a failure that is not retried: each call of a shared request
// gets a request of its own.
func (s *scheduler) separate(r *request, open []*chunk, err error) (again bool) {
	l := s.lanes[r.op]
	if r.calls > 1 {
		for _, w := range slices.Backward(open) {
			w.alone = true
			w.tries = max(0, w.tries-1)
			l.requeue(w)
		}
		return len(open) > 0
	}
	s.failChunks(open, err)
	for _, w := range open {
		s.failWaiting(w.call, err)
	}
	if l.accepted || len(r.chunks) == 0 {
		return false
	}
	if c, reason := r.chunks[0].call, sameAnswer(err); l.counted[c] != reason {
		l.counted[c] = reason
		l.refusedCalls[reason]++
		if l.refusedCalls[reason] >= maxRefusedCalls {
			s.stopLane(l, err)
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

// maxRefusedCalls is how many calls get the same answer in requests of their own
// before an endpoint that accepts nothing is believed to give it to all.
const maxRefusedCalls = 3
