package deepcall

import (
	"context"
	"slices"
	"time"
)

// call is one call of SetCAD or UnsetCAD.
type call struct {
	ctx      context.Context // ends the call; its values are for the log
	op       Operation
	total    int // agents
	open     int // agents without an outcome
	failed   int
	requests int

	confirmed, kept []string
	failures        failures
	warnings        []string
	last            error // of the last request, if it failed and is retried
	sent            bool  // what one of its requests did is unclear

	queue []*chunk // waiting, the next one first

	events []Progress
	wake   chan struct{} // capacity 1: there are events, or the call is over
}

// chunk is some agents of a call that wait, or are in flight, together.
type chunk struct {
	call      *call
	ids       []string
	tries     int       // requests that have carried them
	downs     int       // those that failed because the API was down
	sent      bool      // what one of those did is unclear
	alone     bool      // not to share a request with other calls
	final     bool      // not to be retried
	notBefore time.Time // the API was busy with them
}

func newCall(ctx context.Context, op Operation, agentIDs []string) *call {
	seen := make(map[string]struct{}, len(agentIDs))
	ids := slices.DeleteFunc(slices.Clone(agentIDs), func(id string) bool {
		_, twice := seen[id]
		seen[id] = struct{}{}
		return twice
	})
	c := &call{ctx: ctx, op: op, total: len(ids), open: len(ids), wake: make(chan struct{}, 1)}
	c.queue = []*chunk{{call: c, ids: ids}}
	return c
}

// settle notes that n agents have an outcome.
func (c *call) settle(n int) {
	c.open -= n
	if c.open == 0 {
		c.signal()
	}
}

// report queues an event after a request.
func (c *call) report(err error, retried bool) {
	c.requests++
	c.events = append(c.events, Progress{
		Requests: c.requests, Confirmed: len(c.confirmed), Failed: c.failed, Total: c.total, Err: err, Retried: retried,
	})
	c.signal()
}

func (c *call) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// ready returns the chunks that can share the call's next request, and how many
// agents they have. Without any, due is when there will be some.
func (c *call) ready(now time.Time) (chunks []*chunk, agents int, due time.Time) {
	for _, w := range c.queue {
		switch {
		case w.notBefore.After(now):
			due = earlier(due, w.notBefore)
		case len(chunks) == 0 || w.alone == chunks[0].alone:
			chunks = append(chunks, w)
			agents += len(w.ids)
		}
	}
	return chunks, agents, due
}

// dueStep is the grain of the times at which busy agents are due.
const dueStep = 100 * time.Millisecond

// delay puts agents that the API was busy with back. Those that are due at about
// the same time wait together: there may be thousands.
func (c *call) delay(from *chunk, ids []string, now time.Time, wait time.Duration) {
	due := now.Add(wait)
	if wait > 0 {
		due = due.Add(dueStep - 1).Truncate(dueStep)
	}
	next := &chunk{
		call: c, ids: slices.Clone(ids), tries: from.tries, downs: from.downs,
		sent: true, alone: from.alone, final: from.final, notBefore: due,
	}
	if n := len(c.queue); n > 0 {
		last := c.queue[n-1]
		if last.notBefore.Equal(due) && last.tries == next.tries && last.alone == next.alone && last.final == next.final {
			last.ids = append(last.ids, ids...)
			return
		}
	}
	c.queue = append(c.queue, next)
}
