package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// What is wrong with a configuration, and what may surprise in a plan.

func missingCredentials() diag.Diagnostic {
	return diag.NewErrorDiagnostic("Missing credentials",
		"The provider needs a session ID, or a user ID with its token. Give one of:\n\n"+
			"  ssid in the provider block\n"+
			"  user_id and token in the provider block\n"+
			"  the environment variable "+envSSID+"\n"+
			"  the environment variables "+envUserID+" and "+envToken)
}

func conflictingCredentials(one, other string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Conflicting credentials", fmt.Sprintf(
		"Both %s and %s are set. A request carries a session ID, or a user ID with its token, never both. Remove one.", one, other))
}

func incompleteCredentials(attribute, variable, otherFrom string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Incomplete credentials", fmt.Sprintf(
		"A user ID and a token go together. There is %s, but neither `%s` in the provider block nor the environment variable %s. Set one of them.",
		otherFrom, attribute, variable))
}

func emptyCredential(attribute string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Empty credential", fmt.Sprintf(
		"`%s` in the provider block is an empty string. Set it, or leave it out for the environment to decide.", attribute))
}

func invalidBaseURL(name, value string, problem error) diag.Diagnostic {
	if strings.Contains(value, "@") { // perhaps a password
		value = "(its value is not shown)"
	} else {
		value = fmt.Sprintf("%q", value)
	}
	return diag.NewErrorDiagnostic("Invalid base URL", fmt.Sprintf(
		"%s %s cannot be used: %v. An example: \"https://v4-api.deepcall.com\".", name, value, problem))
}

func invalidDuration(at path.Path, value string, problem error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Invalid duration",
		fmt.Sprintf("%s is %q: %v.", at, value, problem))
}

func invalidCount(at path.Path, value, expected string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Invalid number",
		fmt.Sprintf("%s is %s: it must be %s.", at, value, expected))
}

func notConfigured() diag.Diagnostic {
	return diag.NewErrorDiagnostic("Provider not configured",
		"A value in the provider block was still unknown when a request was due. Give the provider block values that are known before the resources that use it are applied.")
}

func noAgents() diag.Diagnostic {
	return diag.NewErrorDiagnostic("No agents",
		"Give either agent_ids, a set of agent IDs, or agents, a map from agent ID to a label for people.")
}

func agentsTwice() diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("agents"), "Agents given twice",
		"agent_ids and agents are two ways to say the same. Keep one of them.")
}

func emptyAgents(at path.Path) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "No agents",
		fmt.Sprintf("%s is empty. It needs at least one agent; to have none, remove the block.", at))
}

func invalidAgentIDs(at path.Path, problems []string) diag.Diagnostic {
	shown := problems[:min(len(problems), maxReasons)]
	if more := len(problems) - len(shown); more > 0 {
		shown = slices.Concat(shown, []string{fmt.Sprintf("and %d more", more)})
	}
	return diag.NewAttributeErrorDiagnostic(at, "Invalid agent ID",
		fmt.Sprintf("%s cannot be used as it is:\n\n  %s", at, strings.Join(shown, "\n  ")))
}

func invalidImportID(problem string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Invalid import ID",
		problem+". The import ID is the agents' IDs with commas between them and no spaces, for example: 1,14,27")
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
		fmt.Sprintf("This run was asked to enable CAD for %s, so it did not disable it: %s", agents(len(ids)), listIDs(ids)))
}

func keptFailsAction(at path.Path, ids []string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "CAD left enabled",
		fmt.Sprintf("This run was asked to enable CAD for %s, so it did not disable it: %s\n\nA run never disables what it enables. Invoke the action in a run of its own.", agents(len(ids)), listIDs(ids)))
}

func largeSet(at path.Path, n int) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(at, "Large set",
		fmt.Sprintf("Terraform compares sets pair by pair, which is slow with %d IDs; the map `agents` is not.", n))
}

func importedUnchecked(n int) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Imported without a check",
		fmt.Sprintf("Nothing can read CAD from DeepCall. In state on the import ID's word: %s.", agents(n)))
}
