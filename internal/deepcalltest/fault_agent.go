package deepcalltest

import "slices"

// each changes the results of these agents, or of all that were asked for when
// none is given.
func each(ids []string, change func(*result)) Fault {
	return func(p *plan) {
		p.agents = append(p.agents, func(r *result) {
			if len(ids) == 0 || slices.Contains(ids, r.agent) {
				change(r)
			}
		})
	}
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

// edit changes the answer that tells the results.
func edit(change func(*apiAnswer)) Fault {
	return func(p *plan) { p.answer = append(p.answer, change) }
}

// Unasked reports success for agents that nobody asked for. Their state stays as
// it is.
func Unasked(ids ...string) Fault {
	return edit(func(a *apiAnswer) {
		for _, id := range ids {
			a.Data.UpdatedAgents = append(a.Data.UpdatedAgents, updated(id, success))
		}
	})
}

// AgentlessError adds an entry to errors that has a message and no agent.
func AgentlessError(message string) Fault {
	return edit(func(a *apiAnswer) { *a.Data.Errors = append(*a.Data.Errors, entry{Message: &message}) })
}

// NumericIDs writes IDs as JSON numbers where they are whole numbers.
func NumericIDs() Fault {
	return edit(func(a *apiAnswer) {
		for _, list := range [][]entry{a.Data.UpdatedAgents, *a.Data.Errors} {
			for i := range list {
				list[i].AgentID = number(list[i].AgentID)
			}
		}
	})
}

// NullErrors writes null for errors. Agents that would stand there go unmentioned.
// Like NoErrors, it comes after what adds to errors.
func NullErrors() Fault { return edit(func(a *apiAnswer) { a.Data.Errors = new([]entry) }) }

// NoErrors leaves the field errors out. Agents that would stand there go
// unmentioned.
func NoErrors() Fault { return edit(func(a *apiAnswer) { a.Data.Errors = nil }) }
