package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// What is wrong with a configuration, and what may surprise in a plan.

var (
	missingCredentials = diag.NewErrorDiagnostic("Missing credentials",
		"The provider needs a session ID, or a user ID with its token. Set one of:\n\n"+
			"  ssid in the provider block\n"+
			"  user_id and token in the provider block\n"+
			"  the environment variable "+envSSID+"\n"+
			"  the environment variables "+envUserID+" and "+envToken)
	notConfigured = diag.NewErrorDiagnostic("Provider not configured",
		"The provider block still had an unknown value when a request was due. Use values that are known before the resources of this provider are applied.")
	noAgents = diag.NewErrorDiagnostic("No agents",
		"Set either agent_ids, a set of agent IDs, or agents, a map of agent IDs to labels.")
)

// What a resource's errors say beyond those of an action, which has no state.
const (
	otherFromState = " With `ignore_changes`, the other one may come from state."
	manageNone     = " To manage no agents, remove the block; that disables CAD for those in state if unset_on_removal is true there."
)

func agentsTwice(managed bool) diag.Diagnostic {
	detail := "Both agent_ids and agents are set. Keep only one."
	if managed {
		detail += otherFromState
	}
	return diag.NewAttributeErrorDiagnostic(path.Root(agentsAttribute), "Conflicting agent lists", detail)
}

func conflictingCredentials(one, other string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Conflicting credentials", fmt.Sprintf(
		"Both %s and %s are set. A request carries either a session ID or a user ID with its token. Keep only one of the two.", one, other))
}

func incompleteCredentials(missing, other credential) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root(missing.attribute), "Incomplete credentials", fmt.Sprintf(
		"A user ID and its token are used together. %s is set, but neither `%s` in the provider block nor the environment variable %s is. Set one of them.",
		strings.ToUpper(other.from[:1])+other.from[1:], missing.attribute, missing.variable))
}

func emptyAgents(at path.Path, managed bool) diag.Diagnostic {
	detail := at.String() + " is empty. At least one agent is required. Check where the list comes from."
	if managed {
		detail += manageNone
	}
	return diag.NewAttributeErrorDiagnostic(at, "No agents", detail)
}

// agentsDiagnostic is about agents, nil if there are none. In the text, {agents}
// is their number and {ids} are their names.
func agentsDiagnostic(ids []string, kind func(path.Path, string, string) diag.DiagnosticWithPath, at path.Path, summary, text string) diag.Diagnostic {
	if len(ids) == 0 {
		return nil
	}
	return kind(at, summary, strings.NewReplacer("{agents}", agents(len(ids)), "{ids}", listIDs(ids)).Replace(text))
}

// agentsKeepCAD is about agents that leave because of the value of
// unset_on_removal, in the configuration or in state.
func agentsKeepCAD(at path.Path, value string, ids []string) diag.Diagnostic {
	verb := "are removed and keep"
	if len(ids) == 1 {
		verb = "is removed and keeps"
	}
	return agentsDiagnostic(ids, diag.NewAttributeWarningDiagnostic, at, "CAD stays enabled", "{agents} "+verb+" CAD, because unset_on_removal is "+value+": {ids}")
}

func removedAndListed(at path.Path, ids []string) diag.Diagnostic {
	return agentsDiagnostic(ids, diag.NewAttributeErrorDiagnostic, at, "Agent removed here but listed elsewhere",
		"One resource, with unset_on_removal = true, would disable CAD for {agents} that another resource of the same provider block still lists: {ids}\n\n"+
			"This resource is one of the two; a provider does not know the names of resources. To resolve this, choose one:\n\n"+
			"  - To keep CAD enabled, change `triggers` in the resource that still lists them. It sends them again, and the other one drops them.\n"+
			"  - To disable CAD, remove them from the resource that still lists them, too.\n"+
			"  - To stop managing all agents of the resource that would disable CAD, use a `removed` block with `destroy = false` (or `terraform state rm`), or set "+
			"unset_on_removal = false in it. With the latter, other agents that are removed from it keep CAD, too.")
}

func tooManyRemovals(at path.Path, n, limit int) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Too many removals", fmt.Sprintf(
		"This plan would disable CAD for at least %s, but max_removals in the provider block is %d.\n\n"+
			"Check that the list of agents is complete. If the removals are intended, raise max_removals.", agents(n), limit))
}

func largeSet(list agentList) diag.Diagnostic {
	if n := len(list.ids); n > 2000 && list.labels == nil { // where comparing a set costs Terraform seconds
		return diag.NewAttributeWarningDiagnostic(list.path(), "Large set",
			fmt.Sprintf("Terraform compares sets pair by pair, which is slow with %d IDs; use the map `agents` instead.", n))
	}
	return nil
}
