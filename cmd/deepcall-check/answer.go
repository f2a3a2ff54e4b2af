package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// answer is what came of one request, read without any type of the provider's.
type answer struct {
	missing string // why there is none: not sent, or no whole answer
	status  int    // of HTTP
	fields  object // nil if the body is not a JSON object
}

type object = map[string]any

func readAnswer(status int, raw []byte) answer {
	a := answer{status: status}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var fields object
	if err := dec.Decode(&fields); err != nil {
		return a
	}
	if _, err := dec.Token(); errors.Is(err, io.EOF) {
		a.fields = fields
	}
	return a
}

// text is a string or a number as text, and "" for anything else.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

func (a answer) code() string { return text(a.fields["code"]) }

// succeeded tells whether the request as a whole was done; that says nothing
// about an agent.
func (a answer) succeeded() bool {
	return a.missing == "" && a.status == http.StatusOK && a.fields["status"] == "success"
}

// refused tells whether the API refused the request as a whole.
func (a answer) refused() bool {
	return a.missing == "" && a.status == http.StatusOK && a.fields != nil && a.fields["status"] != "success"
}

// list returns the objects of one of the two lists in "data".
func (a answer) list(name string) []object {
	data, _ := a.fields["data"].(object)
	elements, _ := data[name].([]any)
	var entries []object
	for _, e := range elements {
		if entry, ok := e.(object); ok {
			entries = append(entries, entry)
		}
	}
	return entries
}

// entries returns those about one agent.
func (a answer) entries(name, id string) []object {
	return slices.DeleteFunc(a.list(name), func(e object) bool { return text(e["agentId"]) != id })
}

// confirms tells whether the answer says that the agent was done, and nothing
// else about it.
func (a answer) confirms(id string) bool {
	updated := a.entries("updatedAgents", id)
	odd := slices.ContainsFunc(updated, func(e object) bool { return e["status"] != "success" })
	return a.succeeded() && len(updated) > 0 && !odd && len(a.entries("errors", id)) == 0
}

// busy tells whether the API said that it works on the same already: true for
// the moment, and no contradiction of anything.
func (a answer) busy(id string) bool {
	for _, e := range a.entries("errors", id) {
		if e["message"] == busyText {
			return true
		}
	}
	return a.refused() && (a.code() == "1501" || a.code() == "1032")
}

// silent tells whether the answer says nothing about an assumption: none came,
// the API was busy or down, or the credentials were refused.
func (a answer) silent(id string) bool {
	return a.missing != "" || a.busy(id) || a.refusesLogin() || a.refused() && a.code() == "1015" ||
		a.status == http.StatusTooManyRequests || a.status >= http.StatusInternalServerError
}

// refusesLogin tells whether the answer is one of those that the provider reads
// as refused credentials.
func (a answer) refusesLogin() bool {
	if a.refused() {
		return slices.Contains([]string{"1014", "1020", "1039"}, a.code())
	}
	return a.status == http.StatusUnauthorized || a.status == http.StatusForbidden
}

// describe is the answer in a few words, and what it says of an agent.
func (a answer) describe(r redactor, id string) string {
	if a.missing != "" {
		return a.missing
	}
	words := fmt.Sprintf("HTTP %d", a.status)
	switch {
	case a.fields == nil && a.status == http.StatusOK:
		return words + ", no JSON object"
	case a.fields == nil:
		return words
	case !a.succeeded():
		return fmt.Sprintf("%s, status %s, code %s, message %s", words,
			r.show(a.fields["status"]), r.show(a.fields["code"]), r.show(a.fields["message"]))
	case a.confirms(id):
		return words + ", confirmed"
	}
	for _, e := range a.entries("updatedAgents", id) {
		words += ", in updatedAgents with status " + r.show(e["status"])
	}
	for _, e := range a.entries("errors", id) {
		words += ", in errors with message " + r.show(e["message"])
	}
	if len(a.entries("updatedAgents", id))+len(a.entries("errors", id)) == 0 {
		words += ", agent not mentioned"
	}
	return words
}

// summary is the answer without anything that the server wrote.
func (a answer) summary() string {
	if a.missing != "" {
		return a.missing
	}
	return fmt.Sprintf("HTTP %d", a.status)
}

// tally is the answer in a few words, and how many agents it confirms.
func (a answer) tally(r redactor, ids []string) string {
	if !a.succeeded() {
		return a.describe(r, "")
	}
	confirmed := 0
	seen := a.byAgent()
	for _, id := range ids {
		if seen[id] {
			confirmed++
		}
	}
	none := a.unmentioned(ids)
	return fmt.Sprintf("HTTP 200, %d confirmed, %d refused, %d not mentioned", confirmed, len(ids)-confirmed-none, none)
}

// byAgent tells of each agent mentioned whether it is confirmed.
func (a answer) byAgent() map[string]bool {
	seen := map[string]bool{}
	for _, e := range a.list("updatedAgents") {
		seen[text(e["agentId"])] = e["status"] == "success"
	}
	for _, e := range a.list("errors") {
		seen[text(e["agentId"])] = false
	}
	return seen
}

func (a answer) unmentioned(ids []string) int {
	seen, n := a.byAgent(), 0
	for _, id := range ids {
		if _, ok := seen[id]; !ok {
			n++
		}
	}
	return n
}

// show is a value from an answer: text as it is, anything else as JSON.
func (r redactor) show(v any) string {
	switch v := v.(type) {
	case nil:
		return "none"
	case string:
		return r.quote(v)
	case json.Number: // a code, which must not be mistaken for an agent
		return strings.Trim(redactor{needles: r.needles}.quote(v.String()), `"`)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return "unreadable"
	}
	return r.quote(string(raw))
}

// busyText is the documented text of code 1501.
const busyText = "Data already in processing"

// codeTable are the texts of the vendor's table of codes.
var codeTable = []string{
	busyText, "Invalid filter value", "Invalid role id", "Invalid parent", "Invalid group data",
	"AgentId and parent could not be same", "Invalid AgentID", "Invalid status value", "Invalid agentId",
	"Invalid Destination", "Working time format is invalid", "Email already exists", "Invalid type",
	"Invalid mobile Number", "Invalid Name", "Invalid Did Number", "Your agentid and your loginid must be same",
	"Data could not be updated", "Call Password must be Integer and Eight digit", "You must be single field update",
	"Please Provide Only Valid fields", "You could not inserted your data. Please try again",
	"Your agent information is already added", "Invalid Action", "Invalid Targetagent Id", "Invalid Id",
	"Invalid Type", "Invalid Favorite Data", "Invalid Domain", "Invalid Agent Timing",
}
