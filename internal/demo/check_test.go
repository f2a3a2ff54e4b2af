package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// Each row changes one thing in an outcome that is as announced.
func TestCheckFindsWhatDiffers(t *testing.T) {
	w := want{
		exitCode: 1, says: []string{"Error: Agents refused"},
		sent: []call{{"setCad", []string{"13", "42"}}}, enabled: []string{"42"},
	}
	for name, c := range map[string]struct {
		change func(*outcome)
		want   string
	}{
		"nothing":       {func(*outcome) {}, ""},
		"another order": {func(o *outcome) { slices.Reverse(o.received[0].AgentIDs) }, ""},
		"exit code":     {func(o *outcome) { o.exitCode = 0 }, "exit code: 0; announced: 1"},
		"another text":  {func(o *outcome) { o.output = "Error: Agents" }, `the CLI did not say "Error: Agents refused"`},
		"another agent": {func(o *outcome) { o.received[0].AgentIDs[0] = "14" }, "requests: [setCad for agents 14, 42]; announced: [setCad for agents 13, 42]"},
		"another call":  {func(o *outcome) { o.received[0].Endpoint = "unsetCad" }, "requests: [unsetCad for agents 13, 42]; announced: [setCad for agents 13, 42]"},
		"no call":       {func(o *outcome) { o.received = nil }, "requests: []; announced: [setCad for agents 13, 42]"},
		"a call more": {func(o *outcome) { o.received = append(o.received, o.received[0]) },
			"requests: [setCad for agents 13, 42 setCad for agents 13, 42]; announced: [setCad for agents 13, 42]"},
		"other credentials":  {func(o *outcome) { o.received[0].Credentials.SSID = "s" }, "a request came with other credentials than were given"},
		"another agent's on": {func(o *outcome) { o.enabled = nil }, "agents with CAD on: no agent; announced: agent 42"},
		"an unconfirmed agent in state": {func(o *outcome) { o.state.agents = []string{"13", "42"} },
			"agents in state: agents 13, 42; announced: agent 42"},
		"the token printed": {func(o *outcome) { o.output += credentials.Token }, "the token is in the CLI's output or in the state"},
		"the token stored":  {func(o *outcome) { o.state.text += credentials.Token }, "the token is in the CLI's output or in the state"},
	} {
		t.Run(name, func(t *testing.T) {
			o := outcome{
				exitCode: 1, output: "\x1b[31m│\x1b[0m \x1b[1mError: Agents\n\x1b[31m│\x1b[0m refused",
				received: []deepcalltest.Request{{Endpoint: "setCad", AgentIDs: []string{"13", "42"}, Credentials: credentials}},
				enabled:  []string{"42"}, state: state{agents: []string{"42"}, text: `{"agent_ids": ["42"]}`},
			}
			c.change(&o)
			got := ""
			if err := w.check(o); err != nil {
				got = err.Error()
			}
			if c.want != "" {
				c.want = "not as announced:\n" + c.want
			}
			if got != c.want {
				t.Errorf("error %q, want %q", got, c.want)
			}
		})
	}
}

func TestReadState(t *testing.T) {
	folder := t.TempDir()
	if s, err := readState(folder); err != nil || s.agents != nil {
		t.Errorf("without a file: %v, %v", s, err)
	}
	file := filepath.Join(folder, "terraform.tfstate")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"resources":[{"instances":[{"attributes":{"agent_ids":["14","1"]}}]},{"instances":[{"attributes":{"agent_ids":["27"]}}]}]}`)
	if s, err := readState(folder); err != nil || !slices.Equal(s.agents, []string{"1", "14", "27"}) {
		t.Errorf("agents %v, %v", s.agents, err)
	}
	write(`{`)
	if _, err := readState(folder); err == nil {
		t.Error("a broken state was read")
	}
}
