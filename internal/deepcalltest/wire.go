package deepcalltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// success is the status of an answer, and of an agent in it, that is well.
const success = "success"

// Documented codes of requests refused as a whole. Their messages are the
// vendor's: the first from the sample, the others from the table of codes.
var (
	invalidParameter = apiError{Status: "error", Message: "invalid parameter", Code: 1000}
	invalidToken     = apiError{Status: "error", Message: "Invalid token", Code: 1014}
	emptyBody        = apiError{Status: "error", Message: "Invalid request", Code: 1047}
)

// apiError is the answer to a request refused as a whole, in the sample's order
// of fields.
type apiError struct {
	Status  string `json:"status"`
	Message any    `json:"message"` // string, or a list of strings
	Code    int    `json:"code"`
}

// apiAnswer is the answer with results, in the sample's order of fields.
type apiAnswer struct {
	Status  string      `json:"status"`
	Code    int         `json:"code"`
	Message string      `json:"message"`
	Data    *answerData `json:"data"`
}

type answerData struct {
	UpdatedAgents []any `json:"updatedAgents"`    // updatedAgent, or an empty object
	Errors        any   `json:"errors,omitempty"` // a list of agentError or empty objects; a null; or nil for none at all
}

type updatedAgent struct {
	AgentID any    `json:"agentId"` // string or json.Number
	Status  string `json:"status"`
}

type agentError struct {
	AgentID any    `json:"agentId,omitempty"`
	Message string `json:"message"`
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

// readRequest reads a request's body. Field names count letter by letter, which
// encoding/json does not do for structs. What can be read is returned also
// beside an error, so that it is recorded.
func readRequest(body []byte) (ids []string, c Credentials, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, c, err
	}
	ids, err = readIDs(fields["agentIds"])
	ssid, hasSSID, ssidErr := readString(fields, "ssid")
	user, hasUser, userErr := readString(fields, "userId")
	token, hasToken, tokenErr := readString(fields, "token")
	c = Credentials{SSID: ssid, UserID: user, Token: token}
	if err := errors.Join(err, ssidErr, userErr, tokenErr); err != nil {
		return ids, c, err
	}
	alone, pair := hasSSID && !hasUser && !hasToken, !hasSSID && hasUser && hasToken
	if !alone && !pair {
		return ids, c, errors.New("neither ssid alone nor userId with token")
	}
	return ids, c, nil
}

// readString reads one credential; present means that its key is there.
func readString(fields map[string]json.RawMessage, key string) (text string, present bool, err error) {
	raw, present := fields[key]
	if !present {
		return "", false, nil
	}
	if err := json.Unmarshal(raw, &text); err != nil || text == "" {
		return "", true, fmt.Errorf("%s is not a string with content", key)
	}
	return text, true, nil
}

func readIDs(raw json.RawMessage) ([]string, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var elements []any
	if err := dec.Decode(&elements); err != nil || len(elements) == 0 {
		return nil, errors.New("agentIds is not an array with elements")
	}
	ids := make([]string, 0, len(elements))
	for _, e := range elements {
		id, ok := idText(e)
		if !ok || id == "" {
			return nil, errors.New("an element of agentIds is neither text nor a number")
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func idText(v any) (string, bool) {
	switch id := v.(type) {
	case string:
		return id, true
	case json.Number:
		return id.String(), true
	default:
		return "", false
	}
}

// reading is what an answer says, for the records: read back from the bytes
// that were sent, so that it holds for arbitrary bodies too.
type reading struct {
	Status string
	Code   int
	Data   struct {
		UpdatedAgents []updatedAgent
		Errors        []agentError
	}
}

func readAnswer(body []byte) (reading, bool) {
	var r reading
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(&r); err != nil {
		return r, false
	}
	_, err := dec.Token()
	return r, errors.Is(err, io.EOF)
}

func (r reading) refused() map[string]string {
	var out map[string]string
	for _, e := range r.Data.Errors {
		if id, ok := idText(e.AgentID); ok {
			if out == nil {
				out = map[string]string{}
			}
			out[id] = e.Message
		}
	}
	return out
}

func (r reading) confirmed(asked []string) []string {
	if r.Status != success {
		return nil
	}
	refused := r.refused()
	verdict := map[string]bool{}
	for _, u := range r.Data.UpdatedAgents {
		id, ok := idText(u.AgentID)
		if _, both := refused[id]; !ok || both {
			continue
		}
		before, twice := verdict[id]
		verdict[id] = u.Status == success && (before || !twice)
	}
	var out []string
	for _, id := range asked {
		if verdict[id] {
			out = append(out, id)
			delete(verdict, id) // an agent asked for twice counts once
		}
	}
	return out
}
