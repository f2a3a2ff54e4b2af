package main

import (
	"fmt"
	"strings"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// credentials are the ones that the stand-in accepts and the CLI is given.
var credentials = deepcalltest.Credentials{UserID: "demo-user", Token: "demo-token-7c1f"} //nolint:gosec // G101: made up

// configuration is the part of main.tf that the story changes.
type configuration struct {
	agents []string
	unset  bool
}

func (c configuration) file(baseURL string) string {
	quoted := `"` + strings.Join(c.agents, `", "`) + `"`
	unset := ""
	if c.unset {
		unset = "\n\n  unset_on_removal = true"
	}
	return fmt.Sprintf(`terraform {
  required_providers {
    deepcall = {
      source = "deepcall/deepcall"
    }
  }
}

provider "deepcall" {
  base_url = %q
}

resource "deepcall_agent_cad" "support" {
  agent_ids = [%s]%s
}
`, baseURL, quoted, unset)
}

// step is one command, with what is told before it and what must come of it.
type step struct {
	title  string
	text   string
	config *configuration
	server func(*deepcalltest.Server) // what happens in DeepCall meanwhile
	args   []string
	want   want
	after  string
}

// want is what a step must lead to.
type want struct {
	exitCode int
	says     []string // in the CLI's output, whatever its line breaks
	sent     []call
	enabled  []string // agents with CAD on, which is also what the state must list
}

// call is a request as far as it is announced.
type call struct {
	endpoint string
	agents   []string
}

func (c call) String() string { return c.endpoint + " for " + list(c.agents) }

var story = []step{
	{
		title: "Install the provider",
		text: `Three agents shall have CAD. This is the whole configuration. The credentials
are in the environment, as DEEPCALL_USER_ID and DEEPCALL_TOKEN.`,
		config: &configuration{agents: []string{"1", "14", "27"}},
		args:   []string{"init"},
		want:   want{says: []string{"successfully initialized"}},
	},
	{
		title: "Plan",
		text:  "A plan shows what would be done. It sends nothing to DeepCall, ever.",
		args:  []string{"plan", "-out=first.tfplan"},
		want:  want{says: []string{"1 to add, 0 to change, 0 to destroy"}},
	},
	{
		title: "Apply that plan",
		text:  "All three agents travel in one request, and each of them has to be confirmed.",
		args:  []string{"apply", "first.tfplan"},
		want: want{
			says:    []string{"1 added, 0 changed, 0 destroyed"},
			sent:    []call{{"setCad", []string{"1", "14", "27"}}},
			enabled: []string{"1", "14", "27"},
		},
	},
	{
		title: "Plan again",
		text:  "Nothing is left to do, so with -detailed-exitcode the plan exits with 0.",
		args:  []string{"plan", "-detailed-exitcode"},
		want: want{
			says:    []string{"No changes"},
			enabled: []string{"1", "14", "27"},
		},
	},
	{
		title:  "An agent joins",
		text:   "Only the new one is sent.",
		config: &configuration{agents: []string{"1", "14", "27", "31"}},
		args:   []string{"apply", "-auto-approve"},
		want: want{
			says:    []string{"0 added, 1 changed, 0 destroyed"},
			sent:    []call{{"setCad", []string{"31"}}},
			enabled: []string{"1", "14", "27", "31"},
		},
	},
	{
		title: "An agent is refused",
		text: `Two more shall join, but DeepCall knows no agent 13. It says so inside an answer
that is called a success; the provider goes by what it says of each agent.
This apply fails, as it should: exit code 1, and an error that names the agent.`,
		config: &configuration{agents: []string{"1", "13", "14", "27", "31", "42"}},
		server: func(api *deepcalltest.Server) { api.Refuse("Invalid AgentID", "13") },
		args:   []string{"apply", "-auto-approve"},
		want: want{
			exitCode: 1,
			says:     []string{"Error: Agents refused", "1 of 2 agents", "Invalid AgentID", "Agents: 13"},
			sent:     []call{{"setCad", []string{"13", "42"}}},
			enabled:  []string{"1", "14", "27", "31", "42"},
		},
		after: "Agent 42 was confirmed and is in state. Agent 13 was not and is not.",
	},
	{
		title: "The next apply mends it",
		text: `Someone has created agent 13 in DeepCall. The configuration stays as it is, and
only what is missing is sent.`,
		server: func(api *deepcalltest.Server) { api.Accept("13") },
		args:   []string{"apply", "-auto-approve"},
		want: want{
			says:    []string{"0 added, 1 changed, 0 destroyed"},
			sent:    []call{{"setCad", []string{"13"}}},
			enabled: []string{"1", "13", "14", "27", "31", "42"},
		},
	},
	{
		title: "An agent leaves",
		text: `Agents that leave keep CAD, and the plan warns of it, unless unset_on_removal
is true. Now it is: CAD is switched off for agent 14, and for nobody else.`,
		config: &configuration{agents: []string{"1", "13", "27", "31", "42"}, unset: true},
		args:   []string{"apply", "-auto-approve"},
		want: want{
			says:    []string{"0 added, 1 changed, 0 destroyed"},
			sent:    []call{{"unsetCad", []string{"14"}}},
			enabled: []string{"1", "13", "27", "31", "42"},
		},
	},
	{
		title: "Destroy",
		text: `unset_on_removal is still true, so CAD is switched off for the agents that are
left. Otherwise they would keep it, and nothing would be sent.`,
		args: []string{"destroy", "-auto-approve"},
		want: want{
			says: []string{"1 destroyed"},
			sent: []call{{"unsetCad", []string{"1", "13", "27", "31", "42"}}},
		},
	},
}
