package deepcalltest

import "slices"

// edit is a fault that changes what the answer says of single agents.
func edit(f func(*outcome)) Fault {
	return func(p *plan) { p.edits = append(p.edits, f) }
}

// each changes the results of these agents, or of all that were asked for when
// none is given.
func each(ids []string, f func(*result)) Fault {
	return edit(func(o *outcome) {
		for i := range o.results {
			if len(ids) == 0 || slices.Contains(ids, o.results[i].agent) {
				f(&o.results[i])
			}
		}
	})
}

// Omit leaves agents out of the answer, all of them if none is given. Their work
// is done.
func Omit(ids ...string) Fault {
	return each(ids, func(r *result) { r.updated, r.errors = nil, nil })
}

// Contradict puts agents into updatedAgents and into errors, all of them if none
// is given. Their work is done.
func Contradict(ids ...string) Fault {
	return each(ids, func(r *result) {
		r.updated = []string{success}
		r.errors = []string{"Data could not be updated"}
	})
}

// Double gives agents each of their entries twice, all of them if none is given.
func Double(ids ...string) Fault {
	return each(ids, func(r *result) {
		r.updated = append(r.updated, r.updated...)
		r.errors = append(r.errors, r.errors...)
	})
}

// AgentStatus gives agents this status in updatedAgents, all of them if none is
// given. Their work is done only where it is "success".
func AgentStatus(status string, ids ...string) Fault {
	return each(ids, func(r *result) {
		r.updated, r.errors = []string{status}, nil
		r.done = status == success
	})
}

// RefuseOnce puts agents into errors with the message, all of them if none is
// given. Their work is not done.
func RefuseOnce(message string, ids ...string) Fault {
	return each(ids, func(r *result) {
		r.updated, r.errors = nil, []string{message}
		r.done = false
	})
}

// Unasked reports success for agents that nobody asked for. Their state stays as
// it is.
func Unasked(ids ...string) Fault {
	return edit(func(o *outcome) {
		status := success
		for _, id := range ids {
			o.updated = append(o.updated, entry{AgentID: id, Status: &status})
		}
	})
}

// AgentlessError adds an entry to errors that has a message and no agent.
func AgentlessError(message string) Fault {
	return edit(func(o *outcome) { o.failed = append(o.failed, entry{Message: &message}) })
}

// EmptyEntries adds n empty objects to updatedAgents and n to errors: an answer
// of 3n bytes for each list, however few agents were asked for.
func EmptyEntries(n int) Fault {
	return edit(func(o *outcome) {
		o.updated, o.failed = append(o.updated, make([]entry, n)...), append(o.failed, make([]entry, n)...)
	})
}

// NumericIDs writes IDs as JSON numbers where they are whole numbers.
func NumericIDs() Fault { return edit(func(o *outcome) { o.numeric = true }) }

// NullErrors writes null for errors. Agents that would stand there go unmentioned.
func NullErrors() Fault { return edit(func(o *outcome) { o.errors = errorsNull }) }

// NoErrors leaves the field errors out. Agents that would stand there go
// unmentioned.
func NoErrors() Fault { return edit(func(o *outcome) { o.errors = errorsAbsent }) }
