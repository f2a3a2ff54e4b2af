package deepcall

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// answer is what the API says to setCad ("Response Details" of the API
// document), and is assumed to say to unsetCad.
type answer struct {
	Status  *string `json:"status"`
	Code    text    `json:"code"`
	Message string  `json:"message"`
	Data    *struct {
		UpdatedAgents []struct {
			AgentID text   `json:"agentId"`
			Status  string `json:"status"`
			Message string `json:"message"` // not in the document; used if a refusal is found here
		} `json:"updatedAgents"`
		Errors []struct {
			AgentID text   `json:"agentId"`
			Message string `json:"message"`
		} `json:"errors"`
	} `json:"data"`
}

// text reads a string or a number as its text: one example of the document has
// agent IDs without quotes. null is "".
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case b[0] == '"':
		var s string
		err := json.Unmarshal(b, &s)
		*t = text(s)
		return err
	case b[0] == '-' || b[0] >= '0' && b[0] <= '9':
		*t = text(b)
		return nil
	case string(b) == "null":
		return nil
	}
	return errNotText
}

var errNotText = errors.New("neither a string nor a number")

// decodeAnswer reads body. problem says what keeps it from being an answer, and
// is "" if nothing does.
func decodeAnswer(body []byte) (a answer, problem string) {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return answer{}, "is empty"
	case body[0] != '{':
		if json.Valid(body) {
			return answer{}, "is not a JSON object"
		}
		return answer{}, "is not JSON"
	}
	if err := json.Unmarshal(body, &a); err != nil {
		if _, ok := errors.AsType[*json.SyntaxError](err); ok {
			return answer{}, "is not JSON"
		}
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
			return answer{}, "has an unexpected type in " + wrong.Field
		}
		return answer{}, "has an unexpected type in it"
	}
	switch {
	case a.Status == nil:
		return answer{}, "has no status"
	case *a.Status == "success" && a.Data == nil:
		return answer{}, "has no data"
	}
	return a, ""
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
	v := verdicts{of: make(map[string]verdict, len(a.Data.UpdatedAgents)+len(a.Data.Errors))}
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
	for _, u := range a.Data.UpdatedAgents {
		id := string(u.AgentID)
		switch {
		case u.Status != "success":
			v.of[id] = refusal(statusMessage(u.Status, u.Message))
		case !v.of[id].refused:
			v.of[id] = verdict{confirmed: true}
		}
	}
	for _, e := range a.Data.Errors {
		refused := refusal(e.Message)
		if e.AgentID == "" {
			v.agentless = append(v.agentless, refused.message)
			continue
		}
		v.of[string(e.AgentID)] = refused
	}
	return v
}

func statusMessage(status, message string) string {
	switch {
	case strings.TrimSpace(message) != "":
		return message
	case status == "":
		return "listed without a status"
	}
	return `listed with status "` + status + `"`
}

// isInProcessing reports whether a refusal's message is that of code 1501.
func isInProcessing(message string) bool {
	return strings.EqualFold(strings.Trim(message, " \t\r\n."), inProcessing)
}
