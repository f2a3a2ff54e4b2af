# A policy for plans that stops a truncated roster before it is applied: it limits
# how many agents leave, and rejects destroying a resource that would disable CAD
# for its agents.
#
#   terraform plan -out=plan.tfplan
#   terraform show -json plan.tfplan > plan.json
#   conftest test --namespace deepcall --policy agents.rego plan.json
#
# Or with OPA alone, and a limit other than 20:
#
#   opa eval --fail-defined --data agents.rego --data limit.json --input plan.json 'data.deepcall.deny[_]'
#
# where limit.json is {"deepcall_limit": 50}.
package deepcall

default max_leaving := 20

max_leaving := data.deepcall_limit

changes contains change if {
	some change in input.resource_changes
	change.mode == "managed"
	change.type == "deepcall_agent_cad"
}

# What a resource lists, in agent_ids or in agents, before or after the plan.
# Agents that are unknown until the apply are in neither: they count as leaving.
agents(values) := {id | some id in values.agent_ids} | {id | some id, _ in values.agents}

before := union({agents(change.change.before) | some change in changes})

after := union({agents(change.change.after) | some change in changes})

# An agent that moves to another resource doesn't leave.
leaving := before - after

deny contains message if {
	count(leaving) > max_leaving
	message := sprintf("%d agents would be removed, but at most %d may be: %s", [count(leaving), max_leaving, concat(", ", sort(leaving))])
}

# A replacement is allowed: agents that stay keep CAD.
deny contains message if {
	some change in changes
	change.change.actions == ["delete"]
	change.change.before.unset_on_removal
	count(agents(change.change.before)) > 0
	message := sprintf("%s would be destroyed, and CAD disabled for its agents", [change.address])
}
