package provider

import (
	"errors"
	"fmt"
	"net/http"
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

// report returns a diagnostic for each reason in the outcomes, at the attribute
// at. The last error ends with what is in state now.
func (p *providerData) report(now step, at path.Path, recorded int, outcomes ...outcome) (diags diag.Diagnostics) {
	for _, o := range outcomes {
		var reasons []deepcall.Failure
		for _, f := range o.Failures {
			if is[*deepcall.AgentlessError](f.Err) {
				diags.Append(agentless(at, f.Err, len(o.failed()) == 0))
			} else {
				reasons = append(reasons, f)
			}
		}
		for i, f := range reasons {
			if i == maxReasons-1 && len(reasons) > maxReasons {
				diags.Append(diag.WithPath(at, manyReasons(reasons[i:], o, now)))
				break
			}
			diags.Append(diag.WithPath(at, p.failure(f, o, now)))
		}
	}
	for i, d := range slices.Backward(diags) {
		if d.Severity() == diag.SeverityError && now.inState != "" {
			inState := strings.ReplaceAll(now.inState, "{agents}", agents(recorded))
			diags[i] = diag.NewAttributeErrorDiagnostic(at, d.Summary(), d.Detail()+"\n\n"+inState)
			break
		}
	}
	return diags
}

// agentless is about an error that names no agent. It is a warning where every
// agent was confirmed nonetheless.
func agentless(at path.Path, err error, allConfirmed bool) diag.Diagnostic {
	kind := diag.NewAttributeErrorDiagnostic
	if allConfirmed {
		kind = diag.NewAttributeWarningDiagnostic
	}
	return kind(at, "Error without an agent", fmt.Sprintf("The API reported an error that names no agent: %s.\n\n"+
		"Ask DeepCall what it means. Agents that the same answer confirmed count as confirmed.", sentence(err)))
}

// failure is the one error for one reason.
func (p *providerData) failure(f deepcall.Failure, o outcome, now step) diag.Diagnostic {
	detail := fmt.Sprintf("CAD was not %s for %s: %s.\n\n", o.operation.Past(), ofAll(len(f.AgentIDs)+len(f.NotTried), len(o.asked)), sentence(f.Err))
	if len(f.AgentIDs) > 0 {
		detail += "Agents: " + listIDs(f.AgentIDs) + "\n\n"
	}
	if len(f.NotTried) > 0 {
		detail += "Agents not sent for this reason: " + listIDs(f.NotTried) + "\n\n"
	}
	if f.Unclear {
		detail += "DeepCall may have processed the request anyway. "
	}
	summary, next := p.advise(f.Err, o.operation, now)
	return diag.NewErrorDiagnostic(summary, detail+next)
}

// manyReasons combines the reasons past maxReasons into one error.
func manyReasons(rest []deepcall.Failure, o outcome, now step) diag.Diagnostic {
	failed, reasons := 0, ""
	for i, f := range rest {
		failed += len(f.AgentIDs) + len(f.NotTried)
		if i < maxIDs {
			reasons += fmt.Sprintf("\n  %s: %s", sentence(f.Err), listIDs(slices.Concat(f.AgentIDs, f.NotTried)))
		}
	}
	if more := len(rest) - maxIDs; more > 0 {
		reasons += fmt.Sprintf("\n  and %d more reasons", more)
	}
	return diag.NewErrorDiagnostic("Agents refused for many reasons", fmt.Sprintf(
		"CAD was not %s for %s, for %d further reasons:\n%s\n\nCheck these agents in DeepCall, then %s.",
		o.operation.Past(), ofAll(failed, len(o.asked)), len(rest), reasons, now.again))
}

// step is what Terraform asks the provider to do, in the words of its errors. A
// failed destroy must not be followed by an apply, which enables the agents
// again; its timeout is in state.
type step struct {
	again           string // how to repeat it
	raiseTimeout    string
	inConfiguration string // where to correct agent IDs
	letGo           string // the way out where CAD cannot be disabled
	inState         string // what is in state then, with the number of {agents}
}

const (
	applyAgain      = "apply again"
	raiseTimeout    = " The timeout can be raised in `timeouts`."
	inConfiguration = " in the configuration"
	stopUnsetting   = " To stop managing these agents without a request, set unset_on_removal = false and apply; they keep CAD."
	removeFromState = " To stop managing these agents and leave CAD enabled, take the resource out of state: with a `removed` block that has `destroy = false`, or with `terraform state rm`."

	taintedState = "State lists {agents}. Terraform marks the resource as tainted, and the next apply replaces it: all agents are sent again, and none that remains in the resource loses CAD."
	emptyState   = "No agent was confirmed, so nothing was added to state. The next apply starts over."
	updatedState = "State lists the agents confirmed so far, and any that could not be disabled. The next apply tries again."
	oldTriggers  = "State lists the agents confirmed so far and keeps the old triggers. The next apply sends all agents again."
	whatIsLeft   = "Agents that were not confirmed stay in state. "
)

var (
	creating     = step{applyAgain, raiseTimeout, inConfiguration, "", taintedState}
	updating     = step{applyAgain, raiseTimeout, inConfiguration, stopUnsetting, updatedState}
	sendingAgain = step{applyAgain, raiseTimeout, inConfiguration, stopUnsetting, oldTriggers} // because of the triggers
	destroying   = step{"run the same destroy again", "", "", removeFromState, whatIsLeft + "The same command tries again: `terraform destroy`, or the apply that destroyed the resource."}
	replacing    = step{applyAgain, "", "", stopUnsetting, whatIsLeft + "The next apply tries again."} // the destroy half of it
	invoking     = step{"invoke the action again", raiseTimeout, "", "", ""}
)

// advice is what a diagnostic says of a failure beyond its own text.
type advice struct {
	fits    func(error) bool
	summary string
	next    string // advise fills in what stands in braces
}

const (
	checkAddress = "Check that the address can be reached from here (through the proxy, if there is one), then {again}."
	recovered    = "When the API has recovered, {again}. If it cannot handle the load, lower batch_size or max_concurrent_requests in the provider block."
)

// advices are looked through in their order; the last one fits every failure.
// First comes what would happen to any request.
var advices = []advice{
	{wraps(deepcall.ErrSetFailed), "CAD could not be enabled elsewhere", "Resolve that error first, then {again}."},
	{wraps(deepcall.ErrRemovalLimit), "Too many removals", "These agents were not sent. If the removals are intended, raise max_removals in the provider block, then {again}."},
	{wraps(deepcall.ErrTimeout), "Operation timed out", "To continue, {again}.{raise timeout}"},
	{wraps(deepcall.ErrInterrupted), "Operation interrupted", "To continue, {again}."},
	{deepcall.IsInProcessing, "Agents still being processed", "These agents were still being processed on every attempt. Wait a while, then {again}."},
	{toUnset(hasStatus(http.StatusNotFound)), "Endpoint unsetCad not found", "The server has no {url}, so it cannot disable CAD.{let go}"},
	{hasStatus(http.StatusNotFound), "Endpoint setCad not found", "The server has no {url}. Check base_url, which is {base_url}."},
	{having(func(e *deepcall.APIError) bool { return e.Code == "1039" }), "Credentials refused", "The credentials came from {from}. Contact DeepCall about the account, or use another account."},
	{hasClass(deepcall.ClassCredentials), "Credentials refused", "The credentials came from {from}. {renew}"},
	{hasClass(deepcall.ClassRights), "Permission denied", "The login lacks a permission in DeepCall; the credentials came from {from}. Ask the account's administrator for the permission, then {again}."},
	{having(func(e *deepcall.ConnectionError) bool { return e.Timeout && !e.Unsent }), "No answer from the API", "The request took longer than request_timeout allows. Raise request_timeout, or lower batch_size, in the provider block, then {again}."},
	{is[*deepcall.ConnectionError], "No answer from the API", checkAddress},
	{hasClass(deepcall.ClassDown, deepcall.ClassBusy), "API not available", recovered},

	// What was refused in one request, or came in place of an answer.
	{wraps(deepcall.ErrNotMentioned), "Agents missing from the answer", "If it happens again when you {again}, ask DeepCall."},
	{toUnset(is[*deepcall.RefusedError]), "Agents refused", "Check these agents in DeepCall, then {again}.{let go}"},
	{is[*deepcall.RefusedError], "Agents refused", "Check that these IDs exist in the DeepCall account, correct or remove them{in configuration}, then {again}."},
	{hasStatus(http.StatusForbidden), "Credentials refused", "Either the credentials were refused, or a firewall or proxy rejected the request. The credentials came from {from}. {renew}"},
	{having(func(e *deepcall.HTTPError) bool { return e.Status/100 == 3 }), "Redirect refused", "Redirects are not followed, because the request carries the credentials. If the API has moved there, change base_url; it is {base_url}."},
	{is[*deepcall.AnswerError], "Unreadable answer", "A proxy or another server may have answered in place of DeepCall, or base_url is not the URL of the API; it is {base_url}."},
	{hasStatus(http.StatusRequestEntityTooLarge), "Request refused", "Even a request for a single agent is too large for the server or a proxy. Check base_url, which is {base_url}, and the proxy, then {again}.{let go}"},
	{hasClass(deepcall.ClassContent), "Request refused", "The request was refused even for a single agent. Check that the IDs exist in the DeepCall account, and base_url if all are refused, then {again}.{let go}"},
	{func(error) bool { return true }, "Request refused", "The request was refused as a whole. Resolve the problem that the answer describes, or ask DeepCall what it means; then {again}."},
}

// advise returns the summary of a failure, and what to do next.
func (p *providerData) advise(err error, operation deepcall.Operation, now step) (summary, next string) {
	letGo := ""
	if operation == deepcall.Unset {
		err, letGo = unsetError{err}, now.letGo
	}
	renew := "Check in DeepCall that the token belongs to that user and is still valid."
	if p.config.Credentials.Expires() {
		renew = "A session ID expires with its login session; get a new one, or use a user ID and its token, which do not expire."
	}
	fill := strings.NewReplacer(
		"{again}", now.again, "{let go}", letGo, "{raise timeout}", now.raiseTimeout, "{in configuration}", now.inConfiguration,
		"{from}", p.credentialsFrom, "{renew}", renew, "{url}", p.client.URL(operation), "{base_url}", p.config.BaseURL.String())
	i := slices.IndexFunc(advices, func(a advice) bool { return a.fits(err) })
	return advices[i].summary, fill.Replace(advices[i].next)
}

// unsetError marks a failure to disable CAD, for advice on that alone.
type unsetError struct{ error }

func (e unsetError) Unwrap() error { return e.error }

func toUnset(fits func(error) bool) func(error) bool {
	return func(err error) bool { return is[unsetError](err) && fits(err) }
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func having[E error](property func(E) bool) func(error) bool {
	return func(err error) bool {
		e, ok := errors.AsType[E](err)
		return ok && property(e)
	}
}

func wraps(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func hasClass(classes ...deepcall.Class) func(error) bool {
	return func(err error) bool { return slices.Contains(classes, deepcall.Classify(err)) }
}

func hasStatus(status int) func(error) bool {
	return having(func(e *deepcall.HTTPError) bool { return e.Status == status })
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
	if len(ids) == 0 {
		return nil
	}
	leave := "1 agent is removed and keeps"
	if n := len(ids); n > 1 {
		leave = fmt.Sprintf("%d agents are removed and keep", n)
	}
	return diag.NewAttributeWarningDiagnostic(at, "CAD stays enabled",
		fmt.Sprintf("%s CAD, because unset_on_removal is %s: %s", leave, value, listIDs(ids)))
}
