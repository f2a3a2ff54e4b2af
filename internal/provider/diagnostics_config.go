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
		"A value in the provider block was still unknown when a request was to be sent. Use values in the provider block that are known before the resources that use it are applied.")
	noAgents = diag.NewErrorDiagnostic("No agents",
		"Set either agent_ids, a set of agent IDs, or agents, a map of agent IDs to labels.")
	agentsTwice = diag.NewAttributeErrorDiagnostic(path.Root(agentsAttribute), "Agents given twice",
		"Both agent_ids and agents are set. Keep one of them. With `ignore_changes`, the other one may come from state.")
)

func conflictingCredentials(one, other string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Conflicting credentials", fmt.Sprintf(
		"Both %s and %s are set. A request carries either a session ID or a user ID with its token. Remove one.", one, other))
}

func incompleteCredentials(attribute, variable, otherFrom string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Incomplete credentials", fmt.Sprintf(
		"A user ID and its token are used together. %s is set, but neither `%s` in the provider block nor the environment variable %s. Set one of them.",
		strings.ToUpper(otherFrom[:1])+otherFrom[1:], attribute, variable))
}

func emptyAgents(at path.Path) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "No agents",
		fmt.Sprintf("%s is empty. At least one agent is required; to have none, remove the block.", at))
}

func invalidImportID(problem string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Invalid import ID",
		"The import ID cannot be used: "+problem+". It is a list of agent IDs, separated by commas, without spaces, quotes or brackets, for example: 1,14,27")
}

func agentsKeepCAD(at path.Path, ids []string) diag.Diagnostic {
	verb := "leave and keep"
	if len(ids) == 1 {
		verb = "leaves and keeps"
	}
	return diag.NewAttributeWarningDiagnostic(at, "CAD stays enabled",
		fmt.Sprintf("%s %s CAD, as unset_on_removal is false: %s", agents(len(ids)), verb, listIDs(ids)))
}

func keptBySameRun(at path.Path, ids []string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(at, "CAD left enabled",
		fmt.Sprintf("This run enabled CAD for %s through another resource or action, so it did not disable it here: %s", agents(len(ids)), listIDs(ids)))
}

func keptFailsAction(at path.Path, ids []string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "CAD left enabled",
		fmt.Sprintf("This run enabled CAD for %s, so it did not disable it: %s\n\nA run never disables what it enables. Invoke the action in a run of its own.", agents(len(ids)), listIDs(ids)))
}

func removedAndListed(at path.Path, ids []string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Agent removed here but listed elsewhere", fmt.Sprintf(
		"One resource with unset_on_removal = true disables CAD for %s that another resource of the same provider block still lists: %s\n\n"+
			"This resource is one of the two; a provider does not know their names. Ways to resolve it:\n\n"+
			"  - To keep CAD enabled, change `triggers` in the resource that still lists them. It sends them again, and the other one drops them.\n"+
			"  - To disable CAD, remove them from the resource that still lists them, too.\n"+
			"  - To let all agents of the resource go that disables CAD, use a `removed` block with `destroy = false` (or `terraform state rm`), or set "+
			"unset_on_removal = false in it. With the latter, its other agents that leave keep CAD, too.",
		agents(len(ids)), listIDs(ids)))
}

func tooManyRemovals(at path.Path, n, limit int) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Too many removals", fmt.Sprintf(
		"This plan disables CAD for at least %s, and max_removals in the provider block is %d.\n\n"+
			"Check that the list of agents is complete. If the removals are intended, raise max_removals.", agents(n), limit))
}

func unreadableNote(err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Unreadable private data", fmt.Sprintf("The plan's note about a replacement cannot be used: %v. Plan again.", err))
}

func largeSet(at path.Path, n int) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(at, "Large set",
		fmt.Sprintf("Terraform compares sets pair by pair, which is slow with %d IDs; use the map `agents` instead.", n))
}

func importedUnverified(ids []string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Imported without verification",
		fmt.Sprintf("CAD cannot be read back from DeepCall, so nothing was checked. Now in state: %s", listIDs(ids)))
}
