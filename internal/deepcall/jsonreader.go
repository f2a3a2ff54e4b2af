package deepcall

import (
	"bytes"
	"encoding/json"
	"strings"
)

// jsonReader reads valid JSON member by member. Unlike json.Unmarshal, it
// distinguishes names that differ in case, and rejects an object with the same
// name twice: what an answer says must not depend on which one is read.
type jsonReader struct {
	decoder *json.Decoder
	problem string // the first thing that was not as expected; what is read after it means nothing
}

// readValue reads the value that comes next. It returns false if that has an
// unexpected type.
type readValue func() bool

func newJSONReader(valid []byte) *jsonReader {
	d := json.NewDecoder(bytes.NewReader(valid))
	d.UseNumber()
	return &jsonReader{decoder: d}
}

// object reads an object with these members, and skips others.
func (r *jsonReader) object(at string, members map[string]readValue) bool {
	if token, err := r.decoder.Token(); err != nil || token != json.Delim('{') {
		return false
	}
	var seen map[string]struct{} // made when needed: an answer may have millions of {}
	for r.problem == "" && r.decoder.More() {
		token, err := r.decoder.Token()
		name, ok := token.(string)
		if _, twice := seen[name]; err != nil || !ok || twice {
			r.fail("has the same member twice in one object")
			return true
		}
		if seen == nil {
			seen = map[string]struct{}{}
		}
		seen[name] = struct{}{}
		read, known := members[name]
		if !known {
			read = r.raw(new(json.RawMessage))
		}
		if !read() {
			r.fail("has an unexpected type in " + strings.TrimPrefix(at+"."+name, "."))
		}
	}
	_, _ = r.decoder.Token() // the end, or after a problem something that means nothing
	return true
}

// array reads an array, in whose place null may be.
func (r *jsonReader) array(element readValue) bool {
	token, err := r.decoder.Token()
	if token != json.Delim('[') {
		return token == nil && err == nil
	}
	for r.problem == "" && r.decoder.More() {
		if !element() {
			return false
		}
	}
	_, _ = r.decoder.Token() // the end, or after a problem something that means nothing
	return true
}

// text reads a string, or a number as its text: one example of the document has
// agent IDs without quotes. null is "".
func (r *jsonReader) text(to *string) readValue {
	return func() bool {
		token, err := r.decoder.Token()
		switch v := token.(type) {
		case string:
			*to = v
		case json.Number:
			*to = v.String()
		default:
			return token == nil && err == nil
		}
		return true
	}
}

// textOrRaw reads a string as text does, and any other value as it came: a
// message of an unexpected type is no reason to ignore the code beside it.
func (r *jsonReader) textOrRaw(to *string) readValue {
	return func() bool {
		var raw json.RawMessage
		ok := r.raw(&raw)()
		if json.Unmarshal(raw, to) != nil { // null changes nothing
			*to = string(raw)
		}
		return ok
	}
}

// raw reads any value.
func (r *jsonReader) raw(to *json.RawMessage) readValue {
	return func() bool { return r.decoder.Decode(to) == nil }
}

func (r *jsonReader) fail(problem string) {
	if r.problem == "" {
		r.problem = problem
	}
}
