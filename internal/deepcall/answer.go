package deepcall

import (
	"bytes"
	"cmp"
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

// jsonReader reads valid JSON value by value. Unlike json.Unmarshal, it
// distinguishes names that differ in case, and rejects an object with the same
// name twice: what an answer says must not depend on which one is read. What is
// absent reads like null. The errors of decoders are ignored: valid JSON has none.
type jsonReader struct {
	problem string // the first thing that was not as expected
}

func (r *jsonReader) fail(problem string)  { r.problem = cmp.Or(r.problem, problem) }
func (r *jsonReader) unexpected(at string) { r.fail("has an unexpected type in " + at) }

func decoderOf(raw []byte) *json.Decoder { return json.NewDecoder(bytes.NewReader(raw)) }

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
		case v.of[e.agentID] == nil: // neither list has refused it so far
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
		if !done[e] {
			done[e] = true
			e.Message = cmp.Or(r.clean(e.Message, maxTextShown), "refused without a reason")
		}
	}
	for i, m := range v.agentless {
		v.agentless[i] = cmp.Or(r.clean(m, maxTextShown), "an error without a message")
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
		each(entry{
			agentID: r.text(at, members, "agentId"),
			status:  r.text(at, members, "status"),
			message: textOrRaw(members["message"]),
		})
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

// object reads an object, the decoder's next value.
func (r *jsonReader) object(at string, d *json.Decoder) (members map[string]json.RawMessage) {
	if token, _ := d.Token(); token != json.Delim('{') {
		r.unexpected(at)
		return nil
	}
	for d.More() {
		if members == nil { // not before: an answer may have millions of {}
			members = map[string]json.RawMessage{}
		}
		token, _ := d.Token()
		name, _ := token.(string)
		if members[name] != nil {
			r.fail("has the same member twice in one object")
		}
		var value json.RawMessage
		_ = d.Decode(&value)
		members[name] = value
	}
	_, _ = d.Token() // the end
	return members
}

// text reads a member that is a string, or a number as its text: one example of
// the document has agent IDs without quotes.
func (r *jsonReader) text(at string, members map[string]json.RawMessage, name string) string {
	raw := members[name]
	if len(raw) > 0 && strings.ContainsRune("{[tf", rune(raw[0])) { // an object, an array, true or false
		r.unexpected(strings.TrimPrefix(at+"."+name, "."))
	}
	return textOrRaw(raw)
}

// textOrRaw reads a string, and any other value as it came: a message of an
// unexpected type is no reason to ignore the code beside it.
func textOrRaw(raw json.RawMessage) (text string) {
	if raw != nil && json.Unmarshal(raw, &text) != nil { // null leaves it empty
		return string(raw)
	}
	return text
}
