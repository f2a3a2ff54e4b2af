package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// outcome is what came of one call.
type outcome struct {
	operation deepcall.Operation
	asked     int // agents
	result    deepcall.Result
}

// errorsFor returns an error for each reason in the outcomes, at the attribute
// at. note says what is in state now and ends the last of them.
func (p *providerData) errorsFor(at path.Path, note string, outcomes ...outcome) diag.Diagnostics {
	var found []diag.Diagnostic
	for _, o := range outcomes {
		failures := o.result.Failures
		if len(failures) > maxReasons {
			rest := failures[maxReasons-1:]
			failures = failures[:maxReasons-1]
			for _, f := range failures {
				found = append(found, p.failure(f, o))
			}
			found = append(found, manyReasons(rest, o))
			continue
		}
		for _, f := range failures {
			found = append(found, p.failure(f, o))
		}
	}
	var diags diag.Diagnostics
	for i, d := range found {
		detail := d.Detail()
		if i == len(found)-1 && note != "" {
			detail += "\n\n" + note
		}
		diags.AddAttributeError(at, d.Summary(), detail)
	}
	return diags
}

// failure is the one error for one reason.
func (p *providerData) failure(f deepcall.Failure, o outcome) diag.Diagnostic {
	failed := len(f.AgentIDs) + len(f.NotTried)
	if _, ok := errors.AsType[*deepcall.AgentlessError](f.Err); ok {
		return diag.NewErrorDiagnostic("Error without an agent", fmt.Sprintf(
			"The API reported an error that names no agent: %s.\n\nAsk DeepCall what it means. Agents that the same answer confirmed count as confirmed.",
			sentence(f.Err)))
	}
	words := p.describe(f.Err, o.operation)
	var b strings.Builder
	fmt.Fprintf(&b, "CAD was not %s for %s: %s.\n", o.operation.Past(), ofAll(failed, o.asked), sentence(f.Err))
	if len(f.AgentIDs) > 0 {
		fmt.Fprintf(&b, "\nAgents: %s\n", listIDs(f.AgentIDs))
	}
	if n := len(f.NotTried); n > 0 {
		fmt.Fprintf(&b, "\nNot tried, because the same would have met them: %s\n", agents(n))
	}
	b.WriteString("\n")
	if words.unsure && len(f.AgentIDs) > 0 {
		b.WriteString("DeepCall may have done the work without its answer arriving. ")
	}
	b.WriteString(words.next)
	return diag.NewErrorDiagnostic(words.summary, b.String())
}

// manyReasons folds what is too much for errors of their own.
func manyReasons(rest []deepcall.Failure, o outcome) diag.Diagnostic {
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
		"CAD was not %s for %s, for %d further reasons:\n%s\n\nMend these agents, then apply again.",
		o.operation.Past(), ofAll(failed, o.asked), len(rest), b.String()))
}

// reasonWords are what a diagnostic says of a reason beyond its own text.
type reasonWords struct {
	summary string
	unsure  bool // the work may have been done without an answer
	next    string
}

// isUnavailable reports whether the API answered that it cannot do the work now.
func isUnavailable(err error) bool {
	_, noAnswer := errors.AsType[*deepcall.ConnectionError](err)
	class := deepcall.Classify(err)
	return !noAnswer && (class == deepcall.ClassDown || class == deepcall.ClassBusy)
}

func (p *providerData) describe(err error, operation deepcall.Operation) reasonWords {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return reasonWords{"Operation timed out", true, "Apply again to go on from here; the resource's timeouts can be raised."}
	case errors.Is(err, context.Canceled):
		return reasonWords{"Operation interrupted", true, "Apply again to go on from here."}
	case deepcall.Classify(err) == deepcall.ClassCredentials:
		return p.credentialsRefused(err)
	case deepcall.IsInProcessing(err):
		return reasonWords{"Agents still in processing", false,
			"DeepCall was busy with them at every try. Apply again in a while."}
	case isUnavailable(err):
		return reasonWords{"API not available", true,
			"Apply again when the API has recovered. If it is too much for it, lower batch_size or max_concurrent_requests in the provider block."}
	case deepcall.IsNotFound(err):
		return p.endpointNotFound(operation)
	}
	if e, ok := errors.AsType[*deepcall.RefusedError](err); ok {
		return describeRefusal(e, operation)
	}
	if _, ok := errors.AsType[*deepcall.RedirectError](err); ok {
		return reasonWords{"Redirect refused", false,
			"Redirects are not followed, because the request carries the credentials. If the API has moved there, change base_url; it is " + p.baseURL + "."}
	}
	if _, ok := errors.AsType[*deepcall.AnswerError](err); ok {
		return reasonWords{"Unreadable answer", true,
			"Perhaps something on the way answered in DeepCall's place, or base_url is not the API's; it is " + p.baseURL + "."}
	}
	if e, ok := errors.AsType[*deepcall.ConnectionError](err); ok {
		return reasonWords{"No answer from the API", !e.Unsent,
			"Check that the address can be reached from here (through the proxy, if there is one), then apply again."}
	}
	return reasonWords{"Request refused", false,
		"The request was refused as a whole. Mend what its words name, then apply again."}
}

func describeRefusal(e *deepcall.RefusedError, operation deepcall.Operation) reasonWords {
	switch {
	case e.NotMentioned():
		return reasonWords{"Agents missing from the answer", true,
			"Apply again; if the answer still leaves them out, ask DeepCall."}
	case operation == deepcall.Unset:
		return reasonWords{"Agents refused", false, "Check these agents in DeepCall, then apply again. " + letGo}
	}
	return reasonWords{"Agents refused", false,
		"Check that these IDs exist in the DeepCall account, mend or remove them in the configuration, then apply again."}
}

// letGo is the way out where CAD cannot be disabled. A destroy, and with it the
// replacement of a tainted resource, goes by the value in state, so that has to
// change first.
const letGo = "To let agents go without a request, set unset_on_removal = false and apply while the resource is still in the configuration " +
	"(after `terraform untaint`, if it is tainted); they keep CAD."

func (p *providerData) endpointNotFound(operation deepcall.Operation) reasonWords {
	url := p.baseURL + operation.Path()
	if operation == deepcall.Unset {
		return reasonWords{"Endpoint unsetCad not found", false,
			"There is no " + url + ", so this server cannot disable CAD. " + letGo}
	}
	return reasonWords{"Endpoint setCad not found", false,
		"There is no " + url + ". Check base_url; it is " + p.baseURL + "."}
}

func (p *providerData) credentialsRefused(err error) reasonWords {
	next := "Check in DeepCall that the token is that user's and still valid."
	switch {
	case deepcall.IsSuspended(err):
		next = "Ask DeepCall about the account, or use the credentials of another."
	case p.credentialsExpire:
		next = "A session ID expires with its login; get a new one, or use a user ID with its token, which last."
	}
	return reasonWords{"Credentials refused", false, "They came from " + p.credentialsFrom + ". " + next}
}

// sentence is err's text without the full stop that the caller sets.
func sentence(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "the operation's timeout ran out"
	case errors.Is(err, context.Canceled):
		return "the run was interrupted"
	}
	return strings.TrimRight(err.Error(), ". ")
}

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

// listIDs names the first agents in the order in which people count.
func listIDs(ids []string) string {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, roster.Compare)
	if more := len(ids) - maxIDs; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(ids[:maxIDs], ", "), more)
	}
	return strings.Join(ids, ", ")
}
