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
	agentsTwice = diag.NewAttributeErrorDiagnostic(path.Root(agentsAttribute), "Conflicting agent lists",
		"Both agent_ids and agents are set. Keep only one. With `ignore_changes`, the other one may come from state.")
)

func conflictingCredentials(one, other string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Conflicting credentials", fmt.Sprintf(
		"Both %s and %s are set. A request carries either a session ID or a user ID with its token. Keep only one of the two.", one, other))
}

func incompleteCredentials(missing, other credential) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root(missing.attribute), "Incomplete credentials", fmt.Sprintf(
		"A user ID and its token are used together. %s is set, but neither `%s` in the provider block nor the environment variable %s is. Set one of them.",
		strings.ToUpper(other.from[:1])+other.from[1:], missing.attribute, missing.variable))
}

func emptyAgents(at path.Path) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "No agents",
		fmt.Sprintf("%s is empty. At least one agent is required. Check where the list comes from. To manage no agents, remove the block; that disables CAD for those in state if unset_on_removal is true there.", at))
}

func invalidImportID(problem string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Invalid import ID",
		"The import ID cannot be used: "+problem+". An import ID is a list of agent IDs, separated by commas, without spaces, quotes, or brackets, for example: 1,14,27")
}

// warningDiagnostic is about agents, nil if there are none. In the text, {agents}
// is their number and {ids} are their names.
func warningDiagnostic(ids []string, at path.Path, summary, text string) diag.Diagnostic {
	if len(ids) == 0 {
		return nil
	}
	return diag.NewAttributeWarningDiagnostic(at, summary, strings.NewReplacer("{agents}", agents(len(ids)), "{ids}", listIDs(ids)).Replace(text))
}

// errorDiagnostic is the same as an error.
func errorDiagnostic(ids []string, at path.Path, summary, text string) diag.Diagnostic {
	if d := warningDiagnostic(ids, at, summary, text); d != nil {
		return diag.NewAttributeErrorDiagnostic(at, summary, d.Detail())
	}
	return nil
}

// agentsKeepCAD is about agents that leave because of the value of
// unset_on_removal, in the configuration or in state.
func agentsKeepCAD(at path.Path, value string, ids []string) diag.Diagnostic {
	verb := "are removed and keep"
	if len(ids) == 1 {
		verb = "is removed and keeps"
	}
	return warningDiagnostic(ids, at, "CAD stays enabled", "{agents} "+verb+" CAD, because unset_on_removal is "+value+": {ids}")
}

func keptBySameRun(at path.Path, ids []string) diag.Diagnostic {
	return warningDiagnostic(ids, at, "CAD left enabled",
		"CAD was left enabled for {agents}, because this run enabled it, through another resource, an action, or the replacement of this object: {ids}")
}

func keptFailsAction(at path.Path, ids []string) diag.Diagnostic {
	return errorDiagnostic(ids, at, "CAD left enabled",
		"CAD was left enabled for {agents}, because this run enabled it: {ids}\n\nA run never disables CAD that it has enabled. Invoke the action in a separate run.")
}

func removedAndListed(at path.Path, ids []string) diag.Diagnostic {
	return errorDiagnostic(ids, at, "Agent removed here but listed elsewhere",
		"One resource, with unset_on_removal = true, would disable CAD for {agents} that another resource of the same provider block still lists: {ids}\n\n"+
			"This resource is one of the two; a provider does not know the names of resources. To resolve this, choose one:\n\n"+
			"  - To keep CAD enabled, change `triggers` in the resource that still lists them. It sends them again, and the other one drops them.\n"+
			"  - To disable CAD, remove them from the resource that still lists them, too.\n"+
			"  - To stop managing all agents of the resource that would disable CAD, use a `removed` block with `destroy = false` (or `terraform state rm`), or set "+
			"unset_on_removal = false in it. With the latter, other agents that are removed from it keep CAD, too.")
}

func withoutLabel(at path.Path, ids []string) diag.Diagnostic {
	return errorDiagnostic(ids, at, "Invalid label", "A label must not be null; an empty string is accepted. Null for: {ids}")
}

func tooManyRemovals(at path.Path, n, limit int) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Too many removals", fmt.Sprintf(
		"This plan would disable CAD for at least %s, but max_removals in the provider block is %d.\n\n"+
			"Check that the list of agents is complete. If the removals are intended, raise max_removals.", agents(n), limit))
}

func unreadableNote(err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Unreadable private data", fmt.Sprintf("The plan's note about a replacement cannot be used: %v. Create a new plan. If that does not help, please report a bug in the provider.", err))
}

// sizeOfLargeSet is where comparing a set costs Terraform seconds.
const sizeOfLargeSet = 2000

func largeSet(list agentList) diag.Diagnostic {
	if n := len(list.ids); n > sizeOfLargeSet && list.labels == nil {
		return diag.NewAttributeWarningDiagnostic(list.path(), "Large set",
			fmt.Sprintf("Terraform compares sets pair by pair, which is slow with %d IDs; use the map `agents` instead.", n))
	}
	return nil
}

func importedUnverified(ids []string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Imported without verification",
		fmt.Sprintf("CAD cannot be read back from DeepCall, so nothing was verified. Now in state: %s", listIDs(ids)))
}
