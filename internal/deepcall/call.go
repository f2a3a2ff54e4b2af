package deepcall

import (
	"context"
	"fmt"
	"time"
)

// call is one call of [Client.Do].
type call struct {
	ctx      context.Context // ends the call; its values are for the log
	op       Operation
	items    []*item // one for each agent
	open     int     // items without an outcome
	requests int

	result    Result
	failureAt map[string]int // index in the result's failures, by reason

	queue []*item // to share a request, in turn

	events []Progress
	wake   chan struct{} // capacity 1: there are events, or agents have their outcome
}

func newCall(ctx context.Context, op Operation) *call {
	return &call{ctx: ctx, op: op, failureAt: map[string]int{}, wake: make(chan struct{}, 1)}
}

// item is one agent of one call. It waits in its call's queue, in a request that
// is sent again or until a time, is in flight, is blocked by a set of its agent,
// or is done.
type item struct {
	call  *call
	agent *agent

	busy     int   // answers that said that the API was busy with it
	last     error // why it is to be sent again
	sent     bool  // the API may have seen it
	unclear  bool  // the API may have done the work
	inFlight bool
	claimed  bool // it counts as a removal until it is done
	done     bool // it has an outcome
}

func isOpen(it *item) bool { return !it.done }

// report queues an event after a request.
func (c *call) report(err error, retried bool) {
	c.requests++
	confirmed, kept, total := len(c.result.Confirmed), len(c.result.Kept), len(c.items)
	c.events = append(c.events, Progress{
		Requests: c.requests, Confirmed: confirmed, Failed: total - c.open - confirmed - kept, Total: total, Err: err, Retried: retried,
	})
	c.signal()
}

func (c *call) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// failure returns the one for err's reason.
func (c *call) failure(err error) *Failure {
	reason := fmt.Sprintf("%T %v", err, err)
	i, ok := c.failureAt[reason]
	if !ok {
		i = len(c.result.Failures)
		c.failureAt[reason] = i
		c.result.Failures = append(c.result.Failures, Failure{Err: err})
	}
	return &c.result.Failures[i]
}

// byCall divides items at each change of their call.
func byCall(items []*item) (groups [][]*item) {
	for i, it := range items {
		if i == 0 || it.call != items[i-1].call {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], it)
	}
	return groups
}

// request is what one exchange carries, once or again.
type request struct {
	op     Operation
	items  []*item  // those of a call side by side
	ids    []string // of all items, each once
	calls  int
	cancel context.CancelFunc

	started  time.Time // the last try
	tries    int       // exchanges, this one included
	answered bool      // one of them was, by an API that was busy

	from *request // refused for its content; this is a part of it
	left int      // once that has happened: items that were not accepted in a part so far
}

// delayed are items of one call that wait until a time.
type delayed struct {
	items []*item
	due   time.Time
}

func filter[T any](list []T, keep func(T) bool) (kept []T) {
	for _, x := range list {
		if keep(x) {
			kept = append(kept, x)
		}
	}
	return kept
}

// finish gives an item its outcome: confirmed, or err. An agent to be unset that
// this run has set is kept instead.
func (s *scheduler) finish(it *item, err error) {
	if it.done {
		return
	}
	it.done = true
	s.release(it)
	c, id := it.call, it.agent.id
	switch {
	case c.op == Unset && it.agent.on:
		c.result.Kept = append(c.result.Kept, id)
	case err == nil:
		c.result.Confirmed = append(c.result.Confirmed, id)
	case it.sent:
		f := c.failure(err)
		f.AgentIDs = append(f.AgentIDs, id)
		f.Unclear = f.Unclear || it.unclear
	default:
		f := c.failure(err)
		f.NotTried = append(f.NotTried, id)
	}
	if c.op == Set {
		s.setEnded(it.agent, err)
	}
	c.open--
	c.signal()
}

// fail ends an item with err, unless this run sets its agent.
func (s *scheduler) fail(it *item, err error) {
	if !it.done && !s.isMoved(it) {
		s.finish(it, err)
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
