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
	message   string
	results   []result
	unasked   []string // agents in updatedAgents that nobody asked for
	agentless []string // messages of entries in errors without an agent
	empty     int      // entries in either list that say nothing at all
	numeric   bool     // IDs as JSON numbers where they are numeric
	errors    errorsForm
}

// errorsForm is how the field "errors" is written.
type errorsForm int

const (
	errorsList errorsForm = iota
	errorsNull
	errorsAbsent
)

func (o outcome) answer() apiAnswer {
	data := answerData{UpdatedAgents: []any{}}
	errors := []any{}
	for _, r := range o.results {
		for _, status := range r.updated {
			data.UpdatedAgents = append(data.UpdatedAgents, updatedAgent{o.id(r.agent), status})
		}
		for _, message := range r.errors {
			errors = append(errors, agentError{o.id(r.agent), message})
		}
	}
	for _, agent := range o.unasked {
		data.UpdatedAgents = append(data.UpdatedAgents, updatedAgent{o.id(agent), success})
	}
	for _, message := range o.agentless {
		errors = append(errors, agentError{nil, message})
	}
	for range o.empty {
		data.UpdatedAgents = append(data.UpdatedAgents, struct{}{})
		errors = append(errors, struct{}{})
	}
	switch o.errors {
	case errorsList:
		data.Errors = errors
	case errorsNull:
		data.Errors = json.RawMessage("null")
	case errorsAbsent:
	}
	return apiAnswer{Status: success, Code: 200, Message: o.message, Data: data}
}

func (o outcome) id(agent string) any {
	if o.numeric {
		return number(agent)
	}
	return agent
}
