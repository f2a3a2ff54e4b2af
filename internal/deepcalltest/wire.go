package deepcalltest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// success is the status of an answer, and of an agent in it, that is well.
const success = "success"

// apiError is the answer to a request refused as a whole, in the sample's order
// of fields.
type apiError struct {
	Status  string `json:"status"`
	Message string `json:"message"`
	Code    int    `json:"code"`
}

// apiAnswer is the answer with results, in the sample's order of fields.
type apiAnswer struct {
	Status  string     `json:"status"`
	Code    int        `json:"code"`
	Message string     `json:"message"`
	Data    answerData `json:"data"`
}

type answerData struct {
	UpdatedAgents []entry  `json:"updatedAgents"`
	Errors        *[]entry `json:"errors,omitempty"` // without a field where there is no pointer
}

// entry is one of updatedAgents, with a status, or of errors, with a message.
type entry struct {
	AgentID any     `json:"agentId,omitempty"` // string or uint64
	Status  *string `json:"status,omitempty"`
	Message *string `json:"message,omitempty"`
}

func updated(id, status string) entry { return entry{AgentID: id, Status: &status} }

// answerOf tells the results.
func answerOf(results []result, message string) apiAnswer {
	all, failures := []entry{}, []entry{}
	for _, r := range results {
		for _, status := range r.updated {
			all = append(all, updated(r.agent, status))
		}
		for _, message := range r.errors {
			failures = append(failures, entry{AgentID: r.agent, Message: &message})
		}
	}
	return apiAnswer{Status: success, Code: http.StatusOK, Message: message, Data: answerData{all, &failures}}
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
func number(id any) any {
	text, _ := id.(string)
	if n, err := strconv.ParseUint(text, 10, 64); err == nil && strconv.FormatUint(n, 10) == text {
		return n
	}
	return id
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
// encoding/json does not do for structs. What can be read of a body that is not
// valid is returned, too, so that it is recorded.
func readRequest(body []byte) (ids []string, c Credentials, valid bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return nil, c, false
	}
	var elements []agentID
	valid = json.Unmarshal(fields["agentIds"], &elements) == nil && len(elements) > 0 && !slices.Contains(elements, "")
	if valid {
		for _, id := range elements {
			ids = append(ids, string(id))
		}
	}
	for name, to := range map[string]*string{"ssid": &c.SSID, "userId": &c.UserID, "token": &c.Token} {
		if raw, ok := fields[name]; ok && (json.Unmarshal(raw, to) != nil || *to == "") {
			valid = false
		}
	}
	_, ssid := fields["ssid"]
	_, user := fields["userId"]
	_, token := fields["token"]
	return ids, c, valid && user == token && ssid != user
}

// reading is what an answer says, for the records: read back from the bytes
// that were sent, so that it holds for arbitrary bodies too.
type reading struct {
	Status string
	Code   int
	Data   struct {
		UpdatedAgents, Errors []struct {
			AgentID         agentID
			Status, Message string
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
	well, not := map[string]bool{}, map[string]bool{}
	for _, u := range r.Data.UpdatedAgents {
		well[string(u.AgentID)] = true
		not[string(u.AgentID)] = not[string(u.AgentID)] || u.Status != success
	}
	for id := range r.refused() {
		not[id] = true
	}
	for _, id := range asked {
		if well[id] && !not[id] {
			ids = append(ids, id)
			delete(well, id)
		}
	}
	return ids
}
