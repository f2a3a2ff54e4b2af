package deepcalltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// success is the status of an answer, and of an agent in it, that is well.
const success = "success"

// apiError is the answer to a request refused as a whole, in the sample's order
// of fields.
type apiError struct {
	Status  string `json:"status"`
	Message any    `json:"message"` // string, or a list of strings
	Code    int    `json:"code"`
}

// refusal refuses a request as a whole.
func refusal(code int, message any) answer {
	return jsonAnswer(http.StatusOK, encode(apiError{Status: "error", Message: message, Code: code}))
}

// invalidParameter is a refusal as the vendor's sample has it.
func invalidParameter() answer { return refusal(1000, "invalid parameter") }

// apiAnswer is the answer with results, in the sample's order of fields.
type apiAnswer struct {
	Status  string     `json:"status"`
	Code    int        `json:"code"`
	Message string     `json:"message"`
	Data    answerData `json:"data"`
}

type answerData struct {
	UpdatedAgents []entry `json:"updatedAgents"`
	Errors        any     `json:"errors,omitempty"` // []entry, a null, or nil for none at all
}

// entry is one of updatedAgents, with a status, or of errors, with a message.
type entry struct {
	AgentID any     `json:"agentId,omitempty"` // string or json.Number
	Status  *string `json:"status,omitempty"`
	Message *string `json:"message,omitempty"`
}

// encode writes compact JSON with < and & as they are, as the API's samples are
// written; their Content-Length shows that they are compact.
func encode(v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("deepcalltest: an answer cannot be encoded: %v", err)) // strings and numbers always can
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

// number turns an ID into a JSON number where it is the text of one.
func number(id string) any {
	if _, err := strconv.ParseUint(id, 10, 64); err != nil || (id != "0" && strings.HasPrefix(id, "0")) {
		return id
	}
	return json.Number(id)
}

// agentID is read from a text or a number.
type agentID string

// UnmarshalJSON is part of json.Unmarshaler.
func (id *agentID) UnmarshalJSON(raw []byte) error {
	if json.Unmarshal(raw, (*string)(id)) == nil {
		return nil
	}
	var n json.Number
	err := json.Unmarshal(raw, &n)
	*id = agentID(n)
	return err
}

// readRequest reads a request's body. Field names count letter by letter, which
// encoding/json does not do for structs. What can be read is returned also
// beside an error, so that it is recorded.
func readRequest(body []byte) (ids []string, c Credentials, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, c, err
	}
	ids, err = readIDs(fields["agentIds"])
	given := ""
	for _, credential := range []struct {
		name string
		to   *string
	}{{"ssid", &c.SSID}, {"userId", &c.UserID}, {"token", &c.Token}} {
		raw, ok := fields[credential.name]
		if !ok {
			continue
		}
		given += credential.name + " "
		if json.Unmarshal(raw, credential.to) != nil || *credential.to == "" {
			err = errors.Join(err, fmt.Errorf("%s is not a string with content", credential.name))
		}
	}
	if given != "ssid " && given != "userId token " {
		err = errors.Join(err, errors.New("neither ssid alone nor userId with token"))
	}
	return ids, c, err
}

func readIDs(raw json.RawMessage) ([]string, error) {
	var elements []agentID
	if err := json.Unmarshal(raw, &elements); err != nil || len(elements) == 0 {
		return nil, errors.New("agentIds is not an array of texts and numbers")
	}
	ids := make([]string, len(elements))
	for i, id := range elements {
		if id == "" {
			return nil, errors.New("an element of agentIds is empty")
		}
		ids[i] = string(id)
	}
	return ids, nil
}

// reading is what an answer says, for the records: read back from the bytes
// that were sent, so that it holds for arbitrary bodies too.
type reading struct {
	Status string
	Code   int
	Data   struct {
		UpdatedAgents []struct {
			AgentID agentID
			Status  string
		}
		Errors []struct {
			AgentID agentID
			Message string
		}
	}
}

func (r reading) refused() map[string]string {
	out := map[string]string{}
	for _, e := range r.Data.Errors {
		if e.AgentID != "" {
			out[string(e.AgentID)] = e.Message
		}
	}
	return out
}

// confirmed are the agents asked for, each once, of which nothing but success is
// said.
func (r reading) confirmed(asked []string) (ids []string) {
	if r.Status != success {
		return nil
	}
	verdicts := map[string]bool{}
	for _, u := range r.Data.UpdatedAgents {
		before, said := verdicts[string(u.AgentID)]
		verdicts[string(u.AgentID)] = u.Status == success && (before || !said)
	}
	for id := range r.refused() {
		verdicts[id] = false
	}
	for _, id := range asked {
		if verdicts[id] {
			ids = append(ids, id)
			delete(verdicts, id)
		}
	}
	return ids
}
