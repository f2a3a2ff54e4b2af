package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// shown is how many agents a line names.
const shown = 5

// greeting says where the server is and how to point the provider at it.
func (s *settings) greeting(base string) string {
	given := [][2]string{{"base_url", base}, {"ssid", s.credentials.SSID}, {"user_id", s.credentials.UserID}, {"token", s.credentials.Token}}
	switch c := s.credentials; {
	case c.SSID != "":
		given = given[:2]
	case c.Token == "": // any are accepted
		given[1][1] = "demo"
	}
	var block, environment strings.Builder
	for _, pair := range given {
		if name, value := pair[0], pair[1]; value != "" {
			fmt.Fprintf(&block, "  %-8s = %s\n", name, hclString(value))
			fmt.Fprintf(&environment, "export DEEPCALL_%s=%s\n", strings.ToUpper(name), shellWord(value))
		}
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(base, "http://"), "/")
	return fmt.Sprintf(`DeepCall stand-in at %s

provider "deepcall" {
%s}

or, with an empty provider block:

%s
Agents with CAD on: curl http://%s%sagents
Press Ctrl-C to stop.

`, base, &block, &environment, host, deepcalltest.ControlPath)
}

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
	switch n := len(ids); n {
	case 0:
		return "no agents"
	case 1:
		return "1 agent (" + first(ids) + ")"
	default:
		return fmt.Sprintf("%d agents (%s)", n, first(ids))
	}
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

// hclString quotes text for a Terraform file, where "${" and "%{" begin a
// template.
func hclString(text string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(strconv.Quote(text))
}

var plainWord = regexp.MustCompile(`^[-\w./:@]+$`)

// shellWord quotes text for a POSIX shell where it needs it.
func shellWord(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
