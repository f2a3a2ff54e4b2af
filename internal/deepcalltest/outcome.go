package deepcalltest

import "encoding/json"

// result is what becomes of one agent, and what the answer says of it. The two
// agree unless a fault makes them differ.
type result struct {
	agent   string
	done    bool     // its state on the server changes
	busy    bool     // refused because of Busy
	updated []string // status of each of its entries in updatedAgents
	errors  []string // message of each of its entries in errors
}

// outcome is an answer with results, before it is written.
type outcome struct {
	message         string
	results         []result
	updated, failed []entry // that stand behind the results' own
	numeric         bool    // IDs as JSON numbers where they are numeric
	errors          errorsForm
}

// errorsForm is how the field "errors" is written.
type errorsForm int

const (
	errorsList errorsForm = iota
	errorsNull
	errorsAbsent
)

func (o outcome) answer() apiAnswer {
	updated, failed := []entry{}, []entry{}
	for _, r := range o.results {
		for _, status := range r.updated {
			updated = append(updated, entry{AgentID: r.agent, Status: &status})
		}
		for _, message := range r.errors {
			failed = append(failed, entry{AgentID: r.agent, Message: &message})
		}
	}
	updated, failed = append(updated, o.updated...), append(failed, o.failed...)
	for _, entries := range [][]entry{updated, failed} {
		for i := range entries {
			if id, ok := entries[i].AgentID.(string); ok && o.numeric {
				entries[i].AgentID = number(id)
			}
		}
	}
	data := answerData{UpdatedAgents: updated}
	switch o.errors {
	case errorsList:
		data.Errors = failed
	case errorsNull:
		data.Errors = json.RawMessage("null")
	case errorsAbsent:
	}
	return apiAnswer{Status: success, Code: 200, Message: o.message, Data: data}
}
