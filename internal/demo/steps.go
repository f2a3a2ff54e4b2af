package main

import (
	"fmt"
	"strings"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// configuration is main.tf with agents and further lines for their resource.
func configuration(baseURL string, agents []string, more string) string {
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
  agent_ids = ["%s"]%s
}
`, baseURL, strings.Join(agents, `", "`), more)
}

// step is one command, with the text before it and what must come of it.
type step struct {
	title  string
	text   string
	agents string                     // what the configuration changes to, separated by blanks
	more   string                     // lines of the resource, with it
	server func(*deepcalltest.Server) // what happens in DeepCall meanwhile
	args   string
	says   []string // in the CLI's output, whatever its line breaks
	exit   int
	sends  string // the request that must come of it, if any
	on     string // agents with CAD afterwards, which is also what the state must list
	after  string
}

var steps = []step{
	{
		title: "Install the provider",
		text: `We want CAD on three agents. This is the whole configuration. The credentials are
in the environment, as DEEPCALL_USER_ID and DEEPCALL_TOKEN.`,
		agents: "1 14 27",
		args:   "init",
		says:   []string{"successfully initialized"},
	},
	{
		title: "Plan",
		text:  "A plan shows what would be done. It never sends anything to DeepCall.",
		args:  "plan -out=first.tfplan",
		says:  []string{"1 to add, 0 to change, 0 to destroy"},
	},
	{
		title: "Apply that plan",
		text:  "All three agents are sent in one request, and each of them must be confirmed.",
		args:  "apply first.tfplan",
		says:  []string{"1 added, 0 changed, 0 destroyed"},
		sends: "setCad for agents 1, 14, 27",
		on:    "1 14 27",
	},
	{
		title: "Plan again",
		text:  "Nothing is left to do, so with -detailed-exitcode the plan exits with 0.",
		args:  "plan -detailed-exitcode",
		says:  []string{"No changes"},
		on:    "1 14 27",
	},
	{
		title:  "Add an agent",
		text:   "Only the new one is sent.",
		agents: "1 14 27 31",
		args:   "apply -auto-approve",
		says:   []string{"0 added, 1 changed, 0 destroyed"},
		sends:  "setCad for agent 31",
		on:     "1 14 27 31",
	},
	{
		title: "An agent is refused",
		text: `Two more agents are added, but DeepCall has no agent 13. It says so inside a response
whose status is success; the provider checks what it says about each agent.
This apply fails, as it should: exit code 1, and an error that names the agent.`,
		agents: "1 13 14 27 31 42",
		server: func(api *deepcalltest.Server) { api.Refuse("Invalid AgentID", "13") },
		args:   "apply -auto-approve",
		says:   []string{"Error: Agents refused", "1 of 2 agents", "Invalid AgentID", "Agents: 13"},
		exit:   1,
		sends:  "setCad for agents 13, 42",
		on:     "1 14 27 31 42",
		after:  "Agent 42 was confirmed and is in state. Agent 13 was not and is not.",
	},
	{
		title: "The next apply completes it",
		text: `Someone has created agent 13 in DeepCall. The configuration stays as it is, and
only what is missing is sent.`,
		server: func(api *deepcalltest.Server) { api.Accept("13") },
		args:   "apply -auto-approve",
		says:   []string{"0 added, 1 changed, 0 destroyed"},
		sends:  "setCad for agent 13",
		on:     "1 13 14 27 31 42",
	},
	{
		title: "Remove an agent",
		text: `Removed agents keep CAD, and the plan warns about it, unless unset_on_removal is
true. Here it is: CAD is disabled for agent 14, and for no others.`,
		agents: "1 13 27 31 42",
		more:   "\n\n  unset_on_removal = true",
		args:   "apply -auto-approve",
		says:   []string{"0 added, 1 changed, 0 destroyed"},
		sends:  "unsetCad for agent 14",
		on:     "1 13 27 31 42",
	},
	{
		title: "Destroy",
		text: `unset_on_removal is still true, so CAD is disabled for the agents that are
left. Otherwise they would keep it, and nothing would be sent.`,
		args:  "destroy -auto-approve",
		says:  []string{"1 destroyed"},
		sends: "unsetCad for agents 1, 13, 27, 31, 42",
	},
}
