package deepcall

import (
	"fmt"
	"slices"
	"time"
)

// accept records the answer to r.
func (s *scheduler) accept(r *request, found verdicts, now time.Time) {
	s.lanes[r.op].accepted, s.down = true, nil
	shares := byCall(s.end(r))
	s.awaitCalls(r, now)
	s.learnLimit(r)
	recordAgentless(shares, found)
	for _, own := range shares {
		c := own[0].call
		var busy []*item
		for _, it := range own {
			refusal, mentioned := found.of[it.agent.id]
			it.sent, it.unclear = true, !mentioned
			switch {
			case !mentioned:
				s.fail(it, ErrNotMentioned)
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
func (s *scheduler) refuse(r *request, err error, now time.Time) (again bool) {
	open := s.end(r)
	if len(open) == 0 { // all have left, which is perhaps why it failed
		return false
	}
	l, means, spent := s.lanes[r.op], meaningOf(err), r.tries > s.config.MaxRetries
	class := means.class
	halved := class == ClassContent && len(r.ids) > 1
	separated := r.calls > 1 && (class == ClassOther || class == ClassBusy && spent)
	retried := !spent && (class == ClassBusy || class == ClassDown && s.down == nil)
	for _, it := range open {
		it.unclear = it.unclear || means.unclear
		it.sent = it.sent || it.unclear || !halved && !separated
		it.last = err
	}
	var backoff time.Duration
	switch {
	case halved:
		l.halve(r, open)
	case separated:
		l.separate(r, open, class)
	case retried:
		r.answered = r.answered || class == ClassBusy
		l.again, l.shareNext = slices.Insert(l.again, 0, r), false
		backoff = s.config.Backoff(r.tries)
	default:
		s.giveUp(r, open, means, err)
	}
	s.hold(err, backoff, means.retryAfter, now)
	s.awaitCalls(r, now)
	s.drop(now)
	again = halved || separated || retried
	for _, own := range byCall(open) {
		c := own[0].call
		c.report(err, again && c.open > 0)
	}
	return again
}

// giveUp ends what a refusal concerns that is final: agents, calls, or all that
// waits.
func (s *scheduler) giveUp(r *request, open []*item, means meaning, err error) {
	l := s.lanes[r.op]
	switch means.class {
	case ClassContent:
		for _, it := range open {
			s.fail(it, err)
		}
		l.refusedAlone(open[0].agent, "content", maxRefusedAgents, err)
		return
	case ClassCredentials:
		s.lanes[1-r.op].stop(err)
		l.stop(err)
	case ClassRights:
		l.stop(err)
	case ClassOther:
		l.refusedAlone(open[0].call, means.answer, maxRefusedCalls, err)
	case ClassDown, ClassBusy:
		if r.tries > 1 {
			err = fmt.Errorf("%w (tried %d times)", err, r.tries)
		}
	}
	for _, own := range byCall(open) {
		s.failWaiting(own[0].call, err)
	}
	if means.class == ClassDown && !r.answered { // all tries found it down
		s.down = err
		for _, c := range slices.Concat(s.lanes[Set].calls, s.lanes[Unset].calls) {
			s.failWaiting(c, err)
		}
	}
}

// How many agents are refused for their content, and how many calls get the same
// other answer, each in a request of its own, before a server that accepts nothing
// is believed to refuse everything.
const (
	maxRefusedAgents = 10
	maxRefusedCalls  = 3
)

// refusedAlone notes who, an agent or a call, got an answer to a request of its
// own. The lane stops when enough did and nothing was accepted.
func (l *lane) refusedAlone(who any, answer string, enough int, err error) {
	if !l.accepted && !slices.Contains(l.refused[answer], who) {
		l.refused[answer] = append(l.refused[answer], who)
	}
	if len(l.refused[answer]) >= enough {
		l.stop(err)
	}
}
