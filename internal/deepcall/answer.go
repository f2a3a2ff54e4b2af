package deepcall

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

const statusSuccess = "success"

// answer is what the API returns to setCad ("Response Details" of the API
// document), and is assumed to return to unsetCad. Its texts are as they came.
type answer struct {
	status  string
	code    string
	message string
	verdicts
}

// verdicts are what an answer says about the agents that were asked for, and a
// bounded piece of what else it says.
type verdicts struct {
	of        map[string]*RefusedError // those that the answer mentions; nil: confirmed
	agentless []string                 // distinct messages of entries in data.errors without an agent
	unasked   []string                 // the first agents that were not asked for
	unaskedN  int                      // how many entries there are of these
}

const (
	maxUnasked   = 20
	maxAgentless = 10
)

// entry is one element of an answer's lists.
type entry struct{ agentID, status, message string }

// decodeAnswer reads body, the answer to a request for these agents. problem
// says why it is not an answer, and is empty if it is one.
func decodeAnswer(body []byte, agentIDs []string) (a answer, problem string) {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return answer{}, "is empty"
	case !json.Valid(body):
		return answer{}, "is not JSON"
	case body[0] != '{':
		return answer{}, "is not a JSON object"
	}
	var status *string
	var data json.RawMessage
	r := newJSONReader(body)
	r.object("", map[string]readValue{
		"status": func() bool {
			status = new(string)
			return r.text(status)()
		},
		"code":    r.text(&a.code),
		"message": r.textOrRaw(&a.message),
		"data":    r.raw(&data),
	})
	switch {
	case r.problem != "":
		return answer{}, r.problem
	case status == nil:
		return answer{}, "has no status"
	case *status != statusSuccess:
		a.status = *status
		return a, "" // whatever its data says
	case len(data) == 0 || string(data) == "null":
		return answer{}, "has no data"
	}
	a.status = *status
	if a.verdicts, problem = judge(data, agentIDs); problem != "" {
		return answer{}, problem
	}
	return a, ""
}

// judge reads an answer's lists. An agent is confirmed only if nothing in the
// answer contradicts that.
func judge(data []byte, agentIDs []string) (v verdicts, problem string) {
	v.of = make(map[string]*RefusedError, len(agentIDs))
	asked := make(map[string]struct{}, len(agentIDs))
	for _, id := range agentIDs {
		asked[id] = struct{}{}
	}
	refusals := map[string]*RefusedError{} // by message: hundreds of agents share one
	record := func(e entry, refused bool, message string) {
		if _, ok := asked[e.agentID]; !ok {
			v.unaskedN++
			if len(v.unasked) < maxUnasked {
				v.unasked = append(v.unasked, e.agentID)
			}
			return
		}
		if !refused {
			if _, before := v.of[e.agentID]; !before {
				v.of[e.agentID] = nil
			}
			return
		}
		if refusals[message] == nil {
			refusals[message] = &RefusedError{Message: message, inProcessing: saysInProcessing(message)}
		}
		v.of[e.agentID] = refusals[message]
	}
	r := newJSONReader(data)
	if !r.object("data", map[string]readValue{
		"updatedAgents": r.entries("data.updatedAgents", func(e entry) {
			record(e, e.status != statusSuccess, statusMessage(e))
		}),
		"errors": r.entries("data.errors", func(e entry) {
			if e.agentID == "" {
				v.addAgentless(e.message)
				return
			}
			record(e, true, e.message)
		}),
	}) {
		r.fail("has an unexpected type in data")
	}
	return v, r.problem
}

func (v *verdicts) addAgentless(message string) {
	if len(v.agentless) < maxAgentless && !slices.Contains(v.agentless, message) {
		v.agentless = append(v.agentless, message)
	}
}

// clean redacts what will be shown. Decisions have been made by then.
func (v *verdicts) clean(r redactor) {
	done := map[*RefusedError]bool{nil: true}
	for _, e := range v.of {
		if done[e] {
			continue
		}
		done[e] = true
		if e.Message = r.clean(e.Message, maxTextShown); e.Message == "" {
			e.Message = "refused without a reason"
		}
	}
	for i, m := range v.agentless {
		if v.agentless[i] = r.clean(m, maxTextShown); v.agentless[i] == "" {
			v.agentless[i] = "an error without a message"
		}
	}
	for i, id := range v.unasked {
		v.unasked[i] = r.clean(id, maxBodyShown)
	}
}

// entries reads one of an answer's lists.
func (r *jsonReader) entries(at string, each func(entry)) readValue {
	var e entry
	members := map[string]readValue{
		"agentId": r.text(&e.agentID), "status": r.text(&e.status), "message": r.textOrRaw(&e.message),
	}
	element := func() bool {
		e = entry{}
		isObject := r.object(at, members)
		if isObject && r.problem == "" {
			each(e)
		}
		return isObject
	}
	return func() bool { return r.array(element) }
}

// statusMessage is why an agent in data.updatedAgents is not confirmed. The
// document shows no message there.
func statusMessage(e entry) string {
	switch {
	case strings.TrimSpace(e.message) != "":
		return e.message
	case e.status == "":
		return "listed without a status"
	}
	return `listed with status "` + e.status + `"`
}
