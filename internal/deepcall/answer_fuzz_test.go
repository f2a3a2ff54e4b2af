package deepcall

import (
	"bytes"
	"encoding/json"
	"testing"
)

// Whatever bytes come: no panic, and no agent is confirmed that the answer does
// not list as done, or that any list of errors in it names. The second reading
// that says so shares no code with the first.
func FuzzDecodeAnswer(f *testing.F) {
	f.Add([]byte(`{"status":"success","code":200,"message":"","data":{"updatedAgents":[{"agentId":"1","status":"success"},{"agentId":14,"status":"success"}],"errors":[]}}`))
	f.Add([]byte(`{"status":"error","message":"invalid parameter","code":1000}`))
	// What stands twice, or in another case, may confirm nobody against the word of
	// the other: refusing the answer is right, and so is reading both.
	for _, data := range []string{
		`{"updatedAgents":[{"agentId":"9","status":"success"}],"updatedAgents":[{"agentId":"1"}]}`,
		`{"updatedAgents":[{"agentId":"9","status":"success"}]},"data":{"updatedAgents":[{"agentId":"1"}]}`,
		`{"updatedAgents":[{"agentId":"1","status":"success"}],"errors":[{"agentId":"1","message":"no"}],"errors":[]}`,
		`{"updatedAgents":[{"agentId":"1","status":"success"}],"errors":[{"agentId":"1","message":"no"}],"ERRORS":null}`,
		`{"errors":[{"agentId":"1","message":"no"}]},"data":{"updatedAgents":[{"agentId":"1","status":"success"}]}`,
	} {
		f.Add([]byte(`{"status":"success","data":` + data + `}`))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a, problem := decodeAnswer(body, []string{"1", "14"})
		if problem != "" || a.status != "success" {
			return
		}
		a.clean(newRedactor("canary-session-0123"))
		done, named := secondReading(body)
		for id, v := range a.of {
			switch {
			case v != nil && v.Message == "":
				t.Errorf("agent %q is refused without a word", id)
			case v == nil && !done[id]:
				t.Errorf("agent %q is confirmed, and listed as done nowhere", id)
			case v == nil && named[id]:
				t.Errorf("agent %q is confirmed, and in errors", id)
			}
		}
		if len(a.of) > 2 || len(a.unasked) > 20 || len(a.agentless) > 10 {
			t.Errorf("kept %d verdicts, %d unasked, %d without an agent", len(a.of), len(a.unasked), len(a.agentless))
		}
	})
}

// secondReading reads an answer pair by pair, so that fields that stand twice
// are both seen: who is in some list of updatedAgents with success, and who in
// some list of errors.
func secondReading(body []byte) (done, named map[string]bool) {
	done, named = map[string]bool{}, map[string]bool{}
	for _, top := range pairs(body) {
		if top.key != "data" {
			continue
		}
		for _, list := range pairs(top.value) {
			var entries []json.RawMessage
			_ = json.Unmarshal(list.value, &entries)
			for _, e := range entries {
				id, status := "", ""
				for _, field := range pairs(e) {
					switch {
					case string(field.value) == "null":
					case field.key == "agentId":
						id = textOf(field.value)
					case field.key == "status":
						status = textOf(field.value)
					}
				}
				switch {
				case list.key == "errors":
					named[id] = true
				case list.key == "updatedAgents" && status == "success":
					done[id] = true
				}
			}
		}
	}
	return done, named
}

type pair struct {
	key   string
	value json.RawMessage
}

// pairs are the fields of a JSON object in their order; none of anything else.
func pairs(object []byte) (fields []pair) {
	d := json.NewDecoder(bytes.NewReader(object))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil
	}
	for d.More() {
		key, err := d.Token()
		name, ok := key.(string)
		var value json.RawMessage
		if err != nil || !ok || d.Decode(&value) != nil {
			return fields
		}
		fields = append(fields, pair{name, value})
	}
	return fields
}

func textOf(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}
