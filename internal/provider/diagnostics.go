package provider

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
	"github.com/deepcall/terraform-provider-deepcall/internal/roster"
)

// Every reason for which agents were not confirmed becomes one error here. Its
// summary is a fixed phrase, which the troubleshooting guide lists; its detail
// says for how many, in the server's words, for whom, and what to do.

const (
	maxIDs     = 20 // agents that a diagnostic names
	maxReasons = 10 // errors that one operation may give
)

// report returns an error for each reason in the outcomes, at the attribute at.
// The last of them ends with what is in state now.
func (p *providerData) report(now step, at path.Path, recorded int, outcomes ...outcome) (diags diag.Diagnostics) {
	var found []diag.Diagnostic
	for _, o := range outcomes {
		for _, message := range o.Warnings {
			diags.AddAttributeWarning(at, "Error without an agent", fmt.Sprintf(
				"Every agent was confirmed, but the API also reported an error that names no agent: %s.", strings.TrimRight(message, ". ")))
		}
		for i, f := range o.Failures {
			if i == maxReasons-1 && len(o.Failures) > maxReasons {
				found = append(found, manyReasons(o.Failures[i:], o, now))
				break
			}
			found = append(found, p.failure(f, o, now))
		}
	}
	for i, d := range found {
		detail := d.Detail()
		if i == len(found)-1 && now.inState != "" {
			detail += "\n\n" + strings.ReplaceAll(now.inState, "{agents}", agents(recorded))
		}
		diags.AddAttributeError(at, d.Summary(), detail)
	}
	return diags
}

// failure is the one error for one reason.
func (p *providerData) failure(f deepcall.Failure, o outcome, now step) diag.Diagnostic {
	if is[*deepcall.AgentlessError](f.Err) {
		return diag.NewErrorDiagnostic("Error without an agent", fmt.Sprintf(
			"The API reported an error that names no agent: %s.\n\nAsk DeepCall what it means. Agents that the same answer confirmed count as confirmed.",
			sentence(f.Err)))
	}
	a := p.advise(f.Err, o.operation, now)
	var b strings.Builder
	fmt.Fprintf(&b, "CAD was not %s for %s: %s.\n", o.operation.Past(), ofAll(len(f.AgentIDs)+len(f.NotTried), o.asked), sentence(f.Err))
	if len(f.AgentIDs) > 0 {
		fmt.Fprintf(&b, "\nAgents: %s\n", listIDs(f.AgentIDs))
	}
	if len(f.NotTried) > 0 {
		fmt.Fprintf(&b, "\nAgents not sent for this reason: %s\n", listIDs(f.NotTried))
	}
	b.WriteString("\n")
	if a.unsure && len(f.AgentIDs) > 0 {
		b.WriteString("DeepCall may have processed the request anyway. ")
	}
	return diag.NewErrorDiagnostic(a.summary, b.String()+a.next)
}

// manyReasons combines the reasons past maxReasons into one error.
func manyReasons(rest []deepcall.Failure, o outcome, now step) diag.Diagnostic {
	var b strings.Builder
	failed := 0
	for i, f := range rest {
		failed += len(f.AgentIDs) + len(f.NotTried)
		if i < maxIDs {
			fmt.Fprintf(&b, "\n  %s: %s", sentence(f.Err), listIDs(slices.Concat(f.AgentIDs, f.NotTried)))
		}
	}
	if more := len(rest) - maxIDs; more > 0 {
		fmt.Fprintf(&b, "\n  and %d more reasons", more)
	}
	return diag.NewErrorDiagnostic("Agents refused for many reasons", fmt.Sprintf(
		"CAD was not %s for %s, for %d further reasons:\n%s\n\nCheck these agents in DeepCall, then %s.",
		o.operation.Past(), ofAll(failed, o.asked), len(rest), b.String(), now.again))
}

// sentence is err's text without the period that the caller adds.
func sentence(err error) string { return strings.TrimRight(err.Error(), ". ") }

func agents(n int) string {
	if n == 1 {
		return "1 agent"
	}
	return fmt.Sprintf("%d agents", n)
}

func ofAll(n, all int) string {
	if n == all {
		return agents(n)
	}
	return fmt.Sprintf("%d of %s", n, agents(all))
}

// listIDs names the first agents in natural order.
func listIDs(ids []string) string {
	ids = slices.SortedFunc(slices.Values(ids), roster.Compare)
	more := ""
	if len(ids) > maxIDs {
		more = fmt.Sprintf(" and %d more", len(ids)-maxIDs)
		ids = ids[:maxIDs]
	}
	for i, id := range ids {
		if !usualID.MatchString(id) {
			ids[i] = strconv.QuoteToASCII(id) // so that nobody misreads where it ends
		}
	}
	return strings.Join(ids, ", ") + more
}

// usualID is letters, digits and the marks of addresses and numbers.
var usualID = regexp.MustCompile(`^[A-Za-z0-9_.@+:/#-]+$`)

// agentsKeepCAD is about agents that leave because of the value of
// unset_on_removal, in the configuration or in state.
func agentsKeepCAD(at path.Path, value string, ids []string) diag.Diagnostic {
	verb := "are removed and keep"
	switch len(ids) {
	case 0:
		return nil
	case 1:
		verb = "is removed and keeps"
	}
	return diag.NewAttributeWarningDiagnostic(at, "CAD stays enabled", fmt.Sprintf(
		"%s %s CAD, because unset_on_removal is %s: %s", agents(len(ids)), verb, value, listIDs(ids)))
}
