package deepcall

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"
)

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
