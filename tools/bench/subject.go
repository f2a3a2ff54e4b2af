package main

import (
	"fmt"
	"strconv"
)

// subject is a way to hold a roster, whose cost is measured.
type subject struct {
	name          string
	configuration string
	set           bool // the roster is a set of IDs, not a map from ID to label
}

// roster is a value for the subject's variable, of n agents.
func (s subject) roster(n int) any {
	ids := make([]string, n)
	labels := make(map[string]string, n)
	for i := range ids {
		ids[i] = strconv.Itoa(100_000 + i)
		labels[ids[i]] = "Agent " + strconv.Itoa(i)
	}
	if s.set {
		return ids
	}
	return labels
}

// provider is the part of a configuration that core's own resources do without.
const provider = `terraform {
  required_providers {
    deepcall = { source = "deepcall/deepcall" }
  }
}

provider "deepcall" {
  max_concurrent_requests = %d
}

`

const (
	mapVariable = "variable \"roster\" { type = map(string) }\n\n"
	setVariable = "variable \"roster\" { type = set(string) }\n\n"
)

// agents holds the roster in the map, with that many requests in flight.
func agents(requestsInFlight int) subject {
	return subject{name: "agents", configuration: fmt.Sprintf(provider, requestsInFlight) + mapVariable +
		"resource \"deepcall_agent_cad\" \"roster\" { agents = var.roster }\n"}
}

// agentIDs holds the roster in the set.
func agentIDs() subject {
	return subject{name: "agent_ids", set: true, configuration: fmt.Sprintf(provider, 1) + setVariable +
		"resource \"deepcall_agent_cad\" \"roster\" { agent_ids = var.roster }\n"}
}

// core holds the same value as the other subject does, without a provider.
func core(other subject) subject {
	if other.set {
		return subject{name: "core, set", set: true, configuration: setVariable +
			"resource \"terraform_data\" \"roster\" { input = var.roster }\n"}
	}
	return subject{name: "core, map", configuration: mapVariable +
		"resource \"terraform_data\" \"roster\" { input = var.roster }\n"}
}

// oneEach makes a resource for each agent.
func oneEach() subject {
	return subject{name: "one resource each", set: true, configuration: fmt.Sprintf(provider, 1) + setVariable +
		"resource \"deepcall_agent_cad\" \"one\" {\n  for_each  = var.roster\n  agent_ids = [each.key]\n}\n"}
}

// coreEach makes as many of core's own resources.
func coreEach() subject {
	return subject{name: "core, one resource each", set: true, configuration: setVariable +
		"resource \"terraform_data\" \"one\" {\n  for_each = var.roster\n  input    = [each.key]\n}\n"}
}
