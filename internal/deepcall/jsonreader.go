package deepcall

import (
	"bytes"
	"encoding/json"
)

// jsonReader reads valid JSON member by member. Unlike json.Unmarshal, it
// distinguishes names that differ in case, and rejects an object with the same
// name twice: what an answer says must not depend on which one is read.
type jsonReader struct {
	decoder *json.Decoder
	problem string // the first thing that was not as expected; what is read after it means nothing
}

func newJSONReader(valid []byte) *jsonReader {
	d := json.NewDecoder(bytes.NewReader(valid))
	d.UseNumber()
	return &jsonReader{decoder: d}
}

// object calls member for each member of the object that comes next; member
// reads its value.
func (r *jsonReader) object(at string, member func(name string)) {
	if !r.open('{', at) {
		return
	}
	var seen map[string]struct{} // made when needed: an answer may have millions of {}
	for r.problem == "" && r.decoder.More() {
		token, err := r.decoder.Token()
		name, ok := token.(string)
		if _, twice := seen[name]; err != nil || !ok || twice {
			r.fail("has the same member twice in one object")
			return
		}
		if seen == nil {
			seen = map[string]struct{}{}
		}
		seen[name] = struct{}{}
		member(name)
	}
	r.close()
}

// array calls element for each element of the array that comes next, which may
// be null.
func (r *jsonReader) array(at string, element func()) {
	if !r.open('[', at) {
		return
	}
	for r.problem == "" && r.decoder.More() {
		element()
	}
	r.close()
}

// open reads the delimiter. It returns false for null, where an array may be
// missing, and for anything else.
func (r *jsonReader) open(want json.Delim, at string) bool {
	token, err := r.decoder.Token()
	if err != nil || token != want {
		if token != nil || want != '[' {
			r.wrongType(at)
		}
		return false
	}
	return true
}

func (r *jsonReader) close() {
	if r.problem == "" {
		_, _ = r.decoder.Token() // valid JSON has the delimiter here
	}
}

// text reads a string, or a number as its text: one example of the document has
// agent IDs without quotes. null is "".
func (r *jsonReader) text(at string) string {
	token, err := r.decoder.Token()
	switch v := token.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case nil:
		if err == nil {
			return ""
		}
	}
	r.wrongType(at)
	return ""
}

// textOrRaw reads a string as text reads it, and any other value as it came: a
// message of an unexpected type is no reason to ignore the code beside it.
func (r *jsonReader) textOrRaw() string {
	raw := r.raw()
	var s string
	switch {
	case string(raw) == "null":
		return ""
	case json.Unmarshal(raw, &s) == nil:
		return s
	}
	return string(raw)
}

// raw reads any value.
func (r *jsonReader) raw() json.RawMessage {
	var raw json.RawMessage
	if err := r.decoder.Decode(&raw); err != nil {
		r.fail("is not JSON")
	}
	return raw
}

func (r *jsonReader) wrongType(at string) { r.fail("has an unexpected type in " + at) }

func (r *jsonReader) fail(problem string) {
	if r.problem == "" {
		r.problem = problem
	}
}
