package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// form compares the answer with the documented one. Problems are what the
// provider could not live with; notes are other differences.
func (a answer) form(r redactor, asked []string) (problems, notes []string) {
	problem := func(bad bool, words string) {
		if bad {
			problems = append(problems, words)
		}
	}
	if a.fields == nil {
		return []string{"the body is not a JSON object"}, nil
	}
	data, isObject := a.fields["data"].(object)
	_, isArray := data["updatedAgents"].([]any)
	problem(!isObject, "no object data")
	problem(isObject && !isArray, "no array data.updatedAgents")
	switch data["errors"].(type) {
	case []any:
	case nil:
		notes = append(notes, "data.errors is null or absent")
	default:
		problem(true, "data.errors is not an array")
	}
	for _, name := range []string{"updatedAgents", "errors"} {
		for _, e := range a.list(name) {
			id := text(e["agentId"])
			problem(id == "", "an entry of "+name+" without agentId")
			problem(id != "" && !slices.Contains(asked, id), "an entry of "+name+" for an agent that was not asked for")
			if _, isNumber := e["agentId"].(json.Number); isNumber {
				notes = append(notes, "agentId is a number")
			}
		}
	}
	if more := unexpected(a.fields, "status", "code", "message", "data"); more != "" {
		notes = append(notes, "also has "+r.quote(more))
	}
	if more := unexpected(data, "updatedAgents", "errors"); more != "" {
		notes = append(notes, "data also has "+r.quote(more))
	}
	slices.Sort(notes)
	return slices.Compact(problems), slices.Compact(notes)
}

func unexpected(o object, known ...string) string {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(o)), func(n string) bool { return slices.Contains(known, n) })
	return strings.Join(names, ", ")
}
