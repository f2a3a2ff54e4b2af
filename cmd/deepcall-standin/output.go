package main

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// shown is how many agents a line names.
const shown = 5

// anySSID is what the greeting suggests when any credentials are accepted.
const anySSID = "demo"

// greeting says where the server is and how to point the provider at it.
func (s settings) greeting(base string) string {
	pairs := [][2]string{{"base_url", base}}
	switch c := s.credentials; {
	case c.SSID != "":
		pairs = append(pairs, [2]string{"ssid", c.SSID})
	case c.Token != "":
		pairs = append(pairs, [2]string{"user_id", c.UserID}, [2]string{"token", c.Token})
	default:
		pairs = append(pairs, [2]string{"ssid", anySSID})
	}

	var out strings.Builder
	fmt.Fprintf(&out, "DeepCall stand-in at %s\n\n", base)
	out.WriteString("provider \"deepcall\" {\n")
	for _, p := range pairs {
		fmt.Fprintf(&out, "  %-8s = %s\n", p[0], hclString(p[1]))
	}
	out.WriteString("}\n\nor, with an empty provider block:\n\n")
	for _, p := range pairs {
		fmt.Fprintf(&out, "export DEEPCALL_%s=%s\n", strings.ToUpper(p[0]), shellWord(p[1]))
	}
	root := base
	if u, err := url.Parse(base); err == nil {
		root = u.Scheme + "://" + u.Host
	}
	fmt.Fprintf(&out, "\nAgents with CAD on: curl %s%sagents\nCtrl-C stops.\n\n", root, deepcalltest.ControlPath)
	return out.String()
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
	switch len(ids) {
	case 0:
		return "no agents"
	case 1:
		return "1 agent (" + first(ids) + ")"
	default:
		return fmt.Sprintf("%d agents (%s)", len(ids), first(ids))
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

// shellWord quotes text for a POSIX shell where it needs it.
func shellWord(text string) string {
	plain := func(r rune) bool {
		return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_./:@", r))
	}
	if text != "" && !strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
