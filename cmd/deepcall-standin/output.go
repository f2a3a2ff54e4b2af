package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// shown is how many agents a line names.
const shown = 5

// greeting says where the server is and how to point the provider at it.
const greeting = `DeepCall stand-in at %[1]s

provider "deepcall" {
  base_url = "%[1]s"
  ssid     = "demo"
}

or, with an empty provider block:

export DEEPCALL_BASE_URL=%[1]s
export DEEPCALL_SSID=demo

Agents with CAD on: curl %[1]s%[2]s
Press Ctrl-C to stop.

`

// line is what is printed of a request: nothing that holds a credential.
func line(r deepcalltest.Request) string {
	what := r.Endpoint
	if what == "" {
		what = r.Method + " " + printable(r.Path)
	}
	parts := []string{fmt.Sprintf("%s %s of %s", r.At.Format("15:04:05"), what, agents(r.AgentIDs))}
	if len(r.Confirmed) > 0 {
		parts = append(parts, fmt.Sprintf("confirmed %d", len(r.Confirmed)))
	}
	if len(r.Refused) > 0 {
		parts = append(parts, "refused "+refused(r.Refused))
	}
	switch {
	case r.Status == 0:
		parts = append(parts, "no answer")
	case r.Code != 0 && r.Code != r.Status:
		parts = append(parts, fmt.Sprintf("HTTP %d, code %d", r.Status, r.Code))
	default:
		parts = append(parts, fmt.Sprintf("HTTP %d", r.Status))
	}
	return strings.Join(parts, "; ")
}

// agents gives their number and the first of them.
func agents(ids []string) string {
	switch len(ids) {
	case 0:
		return "no agents"
	case 1:
		return "1 agent (" + first(ids) + ")"
	}
	return fmt.Sprintf("%d agents (%s)", len(ids), first(ids))
}

// refused groups agents by the reason that they were given.
func refused(messages map[string]string) string {
	byMessage := map[string][]string{}
	for _, id := range slices.Sorted(maps.Keys(messages)) {
		byMessage[messages[id]] = append(byMessage[messages[id]], id)
	}
	var parts []string
	for _, message := range slices.Sorted(maps.Keys(byMessage)) {
		ids := byMessage[message]
		parts = append(parts, fmt.Sprintf("%d with %q (%s)", len(ids), message, first(ids)))
	}
	return strings.Join(parts, ", ")
}

func first(ids []string) string {
	var out []string
	for _, id := range ids[:min(shown, len(ids))] {
		out = append(out, printable(id))
	}
	if len(ids) > shown {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}

// printable keeps control characters off the terminal.
func printable(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}
