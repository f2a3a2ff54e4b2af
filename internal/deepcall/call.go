package deepcall

import (
	"context"
	"time"
)

// call is one call of [Client.Do].
type call struct {
	ctx      context.Context // ends the call; its values are for the log
	op       Operation
	items    []*item // one for each agent
	open     int     // items without an outcome
	requests int

	confirmed, kept []string
	failures        failures
	warnings        []string

	queue []*item // to share a request, in turn

	events []Progress
	wake   chan struct{} // capacity 1: there are events, or the call is over
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
	inFlight bool
	claimed  bool // it counts as a removal until it is done
	done     bool // it has an outcome
}

func isOpen(it *item) bool { return !it.done }

// report queues an event after a request.
func (c *call) report(err error, retried bool) {
	c.requests++
	confirmed, total := len(c.confirmed), len(c.items)
	c.events = append(c.events, Progress{
		Requests: c.requests, Confirmed: confirmed, Failed: total - c.open - confirmed - len(c.kept), Total: total, Err: err, Retried: retried,
	})
	c.signal()
}

func (c *call) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// byCall divides items at each change of their call.
func byCall(items []*item) (groups [][]*item) {
	start := 0
	for i := range items {
		if i+1 == len(items) || items[i+1].call != items[i].call {
			groups = append(groups, items[start:i+1:i+1])
			start = i + 1
		}
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

	tries    int    // exchanges, this one included
	answered bool   // one of them was, by an API that was busy
	unclear  bool   // the API may have done the work in one of them
	split    *split // the refused request that it is a part of, or nil
}

// shares are the items of each call in r that is not over.
func (r *request) shares() [][]*item {
	return filter(byCall(r.items), func(own []*item) bool { return own[0].call.open > 0 })
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
