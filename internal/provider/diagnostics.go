package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// Every reason for which agents were not confirmed becomes one error here. Its
// summary is a fixed phrase, which the troubleshooting guide lists; its detail
// says for how many, in the server's words, for whom, and what to do.

const (
	mostIDs     = 20 // agents that a diagnostic names
	mostReasons = 10 // errors that one operation may give
)

// verb is what an operation asks for.
type verb struct {
	done     string // "CAD was not {done} for 2 agents"
	endpoint string
}

var (
	setting   = verb{"enabled", "setCad"}
	unsetting = verb{"disabled", "unsetCad"}
)

// outcome is what came of one call.
type outcome struct {
	verb   verb
	asked  int // agents
	result deepcall.Result
}

// errorsFor returns an error for each reason in the outcomes, at the attribute
// at. note says what is in state now and ends the last of them.
func (c *connection) errorsFor(at path.Path, note string, outcomes ...outcome) diag.Diagnostics {
	var found []diag.Diagnostic
	for _, o := range outcomes {
		failures := o.result.Failures
		if len(failures) > mostReasons {
			rest := failures[mostReasons-1:]
			failures = failures[:mostReasons-1]
			for _, f := range failures {
				found = append(found, c.failure(f, o))
			}
			found = append(found, manyReasons(rest, o))
			continue
		}
		for _, f := range failures {
			found = append(found, c.failure(f, o))
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
func (c *connection) failure(f deepcall.Failure, o outcome) diag.Diagnostic {
	failed := len(f.AgentIDs) + len(f.NotTried)
	if _, ok := errors.AsType[*deepcall.AgentlessError](f.Err); ok {
		return diag.NewErrorDiagnostic("Error without an agent", fmt.Sprintf(
			"The API reported an error that names no agent: %s.\n\nAsk DeepCall what it means. Agents that the same answer confirmed count as confirmed.",
			sentence(f.Err)))
	}
	words := c.describe(f.Err, o.verb)
	var b strings.Builder
	fmt.Fprintf(&b, "CAD was not %s for %s: %s.\n", o.verb.done, ofAll(failed, o.asked), sentence(f.Err))
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
		if i < mostIDs {
			fmt.Fprintf(&b, "\n  %s: %s", sentence(f.Err), listIDs(slices.Concat(f.AgentIDs, f.NotTried)))
		}
	}
	if more := len(rest) - mostIDs; more > 0 {
		fmt.Fprintf(&b, "\n  and %d more reasons", more)
	}
	return diag.NewErrorDiagnostic("Agents refused for many reasons", fmt.Sprintf(
		"CAD was not %s for %s, for %d further reasons:\n%s\n\nMend these agents, then apply again.",
		o.verb.done, ofAll(failed, o.asked), len(rest), b.String()))
}

// reasonWords are what a diagnostic says of a reason beyond its own text.
type reasonWords struct {
	summary string
	unsure  bool // the work may have been done without an answer
	next    string
}

func (c *connection) describe(err error, does verb) reasonWords {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return reasonWords{"Operation timed out", true, "Apply again to go on from here; the resource's timeouts can be raised."}
	case errors.Is(err, context.Canceled):
		return reasonWords{"Operation interrupted", true, "Apply again to go on from here."}
	case deepcall.IsCredentials(err):
		return c.credentialsRefused(err)
	case deepcall.IsInProcessing(err):
		return reasonWords{"Agents still in processing", false,
			"DeepCall was busy with them at every try. Apply again in a while."}
	case deepcall.IsUnavailable(err):
		return reasonWords{"API not available", !deepcall.IsRateLimited(err),
			"Apply again when the API has recovered. If it is too much for it, lower batch_size or max_concurrent_requests in the provider block."}
	case deepcall.IsNotFound(err):
		return c.endpointNotFound(does)
	}
	if e, ok := errors.AsType[*deepcall.RefusedError](err); ok {
		return describeRefusal(e, does)
	}
	if _, ok := errors.AsType[*deepcall.RedirectError](err); ok {
		return reasonWords{"Redirect refused", false,
			"Redirects are not followed, because the request carries the credentials. If the API has moved there, change base_url; it is " + c.baseURL + "."}
	}
	if _, ok := errors.AsType[*deepcall.AnswerError](err); ok {
		return reasonWords{"Unreadable answer", true,
			"Perhaps something on the way answered in DeepCall's place, or base_url is not the API's; it is " + c.baseURL + "."}
	}
	if e, ok := errors.AsType[*deepcall.ConnectionError](err); ok {
		return reasonWords{"No answer from the API", !e.Unsent,
			"Check that the address can be reached from here (through the proxy, if there is one), then apply again."}
	}
	return reasonWords{"Request refused", false,
		"The request was refused as a whole. Mend what its words name, then apply again."}
}

func describeRefusal(e *deepcall.RefusedError, does verb) reasonWords {
	switch {
	case e.NotMentioned():
		return reasonWords{"Agents missing from the answer", true,
			"Apply again; if the answer still leaves them out, ask DeepCall."}
	case does == unsetting:
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

func (c *connection) endpointNotFound(does verb) reasonWords {
	url := c.baseURL + "/api/v2/Agent/" + does.endpoint
	if does == unsetting {
		return reasonWords{"Endpoint unsetCad not found", false,
			"There is no " + url + ", so this server cannot disable CAD. " + letGo}
	}
	return reasonWords{"Endpoint setCad not found", false,
		"There is no " + url + ". Check base_url; it is " + c.baseURL + "."}
}

func (c *connection) credentialsRefused(err error) reasonWords {
	next := "Check in DeepCall that the token is that user's and still valid."
	switch {
	case deepcall.IsSuspended(err):
		next = "Ask DeepCall about the account, or use the credentials of another."
	case c.credentialsExpire:
		next = "A session ID expires with its login; get a new one, or use a user ID with its token, which last."
	}
	return reasonWords{"Credentials refused", false, "They came from " + c.credentialsFrom + ". " + next}
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
	slices.SortFunc(ids, compareIDs)
	if more := len(ids) - mostIDs; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(ids[:mostIDs], ", "), more)
	}
	return strings.Join(ids, ", ")
}

// compareIDs puts numbers in their order, before other IDs in theirs.
func compareIDs(a, b string) int {
	aNumber, bNumber := isNumber(a), isNumber(b)
	switch {
	case aNumber && bNumber:
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	case aNumber:
		return -1
	case bNumber:
		return 1
	}
	return cmp.Compare(a, b)
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
