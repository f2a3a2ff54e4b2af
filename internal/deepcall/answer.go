package deepcall

import (
	"bytes"
	"encoding/json"
	"strings"
)

// answer is what the API says to setCad ("Response Details" of the API
// document), and is assumed to say to unsetCad.
type answer struct {
	status  string
	code    string
	message string
	updated []entry // data.updatedAgents
	errors  []entry // data.errors
}

// entry is one agent in one of an answer's lists.
type entry struct {
	agentID string // "" if it names none
	status  string
	message string // of updatedAgents, the document has none
}

// decodeAnswer reads body. problem says what keeps it from being an answer, and
// is "" if nothing does.
func decodeAnswer(body []byte) (a answer, problem string) {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return answer{}, "is empty"
	case !json.Valid(body):
		return answer{}, "is not JSON"
	case body[0] != '{':
		return answer{}, "is not a JSON object"
	}
	r := newJSONReader(body)
	var status *string
	var data json.RawMessage
	r.object("", func(name string) {
		switch name {
		case "status":
			s := r.text("status")
			status = &s
		case "code":
			a.code = r.text("code")
		case "message":
			a.message = r.text("message")
		case "data":
			data = r.raw()
		default:
			r.raw()
		}
	})
	switch {
	case r.problem != "":
		return answer{}, r.problem
	case status == nil:
		return answer{}, "has no status"
	case *status != "success":
		a.status = *status
		return a, "" // whatever its data says
	case len(data) == 0 || string(data) == "null":
		return answer{}, "has no data"
	}
	a.status = *status
	r = newJSONReader(data)
	r.object("data", func(name string) {
		switch name {
		case "updatedAgents":
			a.updated = r.entries("data.updatedAgents")
		case "errors":
			a.errors = r.entries("data.errors")
		default:
			r.raw()
		}
	})
	if r.problem != "" {
		return answer{}, r.problem
	}
	return a, ""
}

func (r *jsonReader) entries(at string) (entries []entry) {
	r.array(at, func() {
		var e entry
		r.object(at, func(name string) {
			switch name {
			case "agentId":
				e.agentID = r.text(at + ".agentId")
			case "status":
				e.status = r.text(at + ".status")
			case "message":
				e.message = r.text(at + ".message")
			default:
				r.raw()
			}
		})
		entries = append(entries, e)
	})
	return entries
}

// verdict is what an answer says of one agent. The zero verdict is that it does
// not mention it.
type verdict struct {
	confirmed bool
	refused   bool
	message   string // of the refusal
}

const notMentioned = "not mentioned in the answer"

// verdicts are what an answer says of its agents, and of none: agentless are
// the messages of errors that name no agent.
type verdicts struct {
	of        map[string]verdict
	agentless []string
}

// judge reads a's lists. An agent counts as confirmed only if nothing in the
// answer speaks against it.
func (a answer) judge(r redactor) verdicts {
	v := verdicts{of: make(map[string]verdict, len(a.updated)+len(a.errors))}
	cleaned := map[string]string{} // hundreds of agents share a message
	refusal := func(message string) verdict {
		clean, ok := cleaned[message]
		if !ok {
			if clean = r.clean(message, wordsPiece); clean == "" {
				clean = "refused without a reason"
			}
			cleaned[message] = clean
		}
		return verdict{refused: true, message: clean}
	}
	for _, u := range a.updated {
		switch {
		case u.status != "success":
			v.of[u.agentID] = refusal(statusMessage(u))
		case !v.of[u.agentID].refused:
			v.of[u.agentID] = verdict{confirmed: true}
		}
	}
	for _, e := range a.errors {
		refused := refusal(e.message)
		if e.agentID == "" {
			v.agentless = append(v.agentless, refused.message)
			continue
		}
		v.of[e.agentID] = refused
	}
	return v
}

func statusMessage(e entry) string {
	switch {
	case strings.TrimSpace(e.message) != "":
		return e.message
	case e.status == "":
		return "listed without a status"
	}
	return `listed with status "` + e.status + `"`
}

// isInProcessing reports whether a refusal's message is that of code 1501.
func isInProcessing(message string) bool {
	return strings.EqualFold(strings.Trim(message, " \t\r\n."), inProcessing)
}
