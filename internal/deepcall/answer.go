package deepcall

import (
	"bytes"
	"encoding/json"
	"fmt"
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

// confirms reports whether the agent was confirmed.
func (v verdicts) confirms(agentID string) bool {
	refusal, mentioned := v.of[agentID]
	return mentioned && refusal == nil
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
	text := bytes.TrimSpace(body)
	switch {
	case len(body) > maxAnswer:
		return answer{}, fmt.Sprintf("is larger than %d MiB", maxAnswer>>20)
	case len(text) == 0:
		return answer{}, "is empty"
	case !json.Valid(text):
		return answer{}, "is not JSON"
	case text[0] != '{':
		return answer{}, "is not a JSON object"
	}
	r := &jsonReader{}
	members := r.object("", decoderOf(text))
	a = answer{
		status:  r.text("", members, "status"),
		code:    r.text("", members, "code"),
		message: textOrRaw(members["message"]),
	}
	switch data := members["data"]; {
	case members["status"] == nil:
		r.fail("has no status")
	case a.status != statusSuccess: // whatever its data says
	case data == nil || string(data) == "null":
		r.fail("has no data")
	default:
		a.verdicts = r.judge(data, agentIDs)
	}
	if r.problem != "" {
		return answer{}, r.problem
	}
	return a, ""
}

// judge reads an answer's lists. An agent is confirmed only if nothing in the
// answer contradicts that.
func (r *jsonReader) judge(data json.RawMessage, agentIDs []string) verdicts {
	v := verdicts{of: make(map[string]*RefusedError, len(agentIDs))}
	asked := make(map[string]struct{}, len(agentIDs))
	for _, id := range agentIDs {
		asked[id] = struct{}{}
	}
	refusals := map[string]*RefusedError{} // by message: hundreds of agents share one
	record := func(e entry, refused bool, message string) {
		_, wanted := asked[e.agentID]
		_, before := v.of[e.agentID]
		switch {
		case !wanted:
			v.unaskedN++
			if len(v.unasked) < maxUnasked {
				v.unasked = append(v.unasked, e.agentID)
			}
		case refused:
			if refusals[message] == nil {
				refusals[message] = &RefusedError{Message: message, inProcessing: saysInProcessing(message)}
			}
			v.of[e.agentID] = refusals[message]
		case !before:
			v.of[e.agentID] = nil
		}
	}
	lists := r.object("data", decoderOf(data))
	r.entries("data.updatedAgents", lists["updatedAgents"], func(e entry) {
		record(e, e.status != statusSuccess, statusMessage(e))
	})
	r.entries("data.errors", lists["errors"], func(e entry) {
		if e.agentID == "" {
			v.addAgentless(e.message)
			return
		}
		record(e, true, e.message)
	})
	return v
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

// entries reads one of an answer's lists, in whose place null may be, until
// there is a problem.
func (r *jsonReader) entries(at string, list json.RawMessage, each func(entry)) {
	d := decoderOf(list)
	start, _ := d.Token()
	if start != nil && start != json.Delim('[') {
		r.unexpected(at)
	}
	for start != nil && r.problem == "" && d.More() {
		members := r.object(at, d)
		e := entry{
			agentID: r.text(at, members, "agentId"),
			status:  r.text(at, members, "status"),
			message: textOrRaw(members["message"]),
		}
		if r.problem == "" {
			each(e)
		}
	}
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
