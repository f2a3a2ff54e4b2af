package provider

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

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

	taintedState = "State lists {agents}. Terraform marks the resource as tainted, and the next apply replaces it: all agents are sent again, and none that remains in the configuration loses CAD."
	emptyState   = "No agent was confirmed, so nothing is in state. The next apply starts over."
	updatedState = "State lists the agents confirmed so far, and any that could not be disabled. The next apply tries again."
	oldTriggers  = "State lists the agents confirmed so far and keeps the old triggers. The next apply sends all agents again."
	whatIsLeft   = "Agents that were not confirmed stay in state. To retry, "
)

var (
	creating     = step{applyAgain, raiseTimeout, inConfiguration, "", taintedState}
	updating     = step{applyAgain, raiseTimeout, inConfiguration, stopUnsetting, updatedState}
	sendingAgain = step{applyAgain, raiseTimeout, inConfiguration, stopUnsetting, oldTriggers} // because of the triggers
	destroying   = step{"run the same destroy again", "", "", removeFromState, whatIsLeft + "run the same command again: `terraform destroy`, or the apply that destroyed the resource."}
	replacing    = step{applyAgain, "", "", stopUnsetting, whatIsLeft + "apply again."} // the destroy half of it
	invoking     = step{"invoke the action again", raiseTimeout, "", "", ""}
)

// advice is what a diagnostic says of a failure beyond its own text.
type advice struct {
	fits    func(error) bool
	summary string
	unsure  bool   // the work may have been done without an answer
	next    string // advise fills in what stands in braces
}

const (
	checkIDs     = "Check that these IDs exist in the DeepCall account, correct or remove them{in configuration}, then {again}."
	checkAddress = "Check that the address can be reached from here (through the proxy, if there is one), then {again}."
	recovered    = "When the API has recovered, {again}. If it cannot handle the load, lower batch_size or max_concurrent_requests in the provider block."
)

// advices are looked through in their order; the last one fits every failure.
// First comes what would happen to any request.
var advices = []advice{
	{wraps(deepcall.ErrSetFailed), "CAD could not be enabled elsewhere", false, "Resolve that error first, then {again}."},
	{wraps(deepcall.ErrRemovalLimit), "Too many removals", false, "These agents were not sent. If the removals are intended, raise max_removals in the provider block, then {again}."},
	{wraps(deepcall.ErrTimeout), "Operation timed out", true, "To continue, {again}.{raise timeout}"},
	{wraps(deepcall.ErrInterrupted), "Operation interrupted", true, "To continue, {again}."},
	{deepcall.IsInProcessing, "Agents still being processed", false, "DeepCall was still processing these agents on every attempt. Wait a while, then {again}."},
	{toUnset(hasStatus(http.StatusNotFound)), "Endpoint unsetCad not found", false, "The server has no {url}, so it cannot disable CAD.{let go}"},
	{hasStatus(http.StatusNotFound), "Endpoint setCad not found", false, "The server has no {url}. Check base_url, which is {base_url}."},
	{deepcall.IsSuspended, "Credentials refused", false, "The credentials came from {from}. Contact DeepCall about the account, or use another account."},
	{hasClass(deepcall.ClassCredentials), "Credentials refused", false, "The credentials came from {from}. {renew}"},
	{hasClass(deepcall.ClassRights), "Permission denied", false, "The login lacks a permission in DeepCall; the credentials came from {from}. Ask the account's administrator for the permission, then {again}."},
	{having(func(e *deepcall.ConnectionError) bool { return e.Unsent }), "No answer from the API", false, checkAddress},
	{having(func(e *deepcall.ConnectionError) bool { return e.Timeout }), "No answer from the API", true, "The request took longer than request_timeout allows. Raise request_timeout, or lower batch_size, in the provider block, then {again}."},
	{is[*deepcall.ConnectionError], "No answer from the API", true, checkAddress},
	{hasStatus(http.StatusTooManyRequests), "API not available", false, recovered},
	{hasClass(deepcall.ClassDown), "API not available", true, recovered},
	{hasClass(deepcall.ClassBusy), "API not available", true, recovered},

	// What was refused in one request, or came in place of an answer.
	{having((*deepcall.RefusedError).NotMentioned), "Agents missing from the answer", true, "If it happens again when you {again}, ask DeepCall."},
	{toUnset(is[*deepcall.RefusedError]), "Agents refused", false, "Check these agents in DeepCall, then {again}.{let go}"},
	{is[*deepcall.RefusedError], "Agents refused", false, checkIDs},
	{hasStatus(http.StatusForbidden), "Credentials refused", false, "Either the credentials were refused, or a firewall or proxy rejected the request. The credentials came from {from}. {renew}"},
	{having(func(e *deepcall.HTTPError) bool { return e.Status/100 == 3 }), "Redirect refused", false, "Redirects are not followed, because the request carries the credentials. If the API has moved there, change base_url; it is {base_url}."},
	{is[*deepcall.AnswerError], "Unreadable answer", true, "A proxy or another server may have answered in place of DeepCall, or base_url is not the URL of the API; it is {base_url}."},
	{hasClass(deepcall.ClassContent), "Request refused", false, "These agents were refused even when each was sent alone. Check that the IDs exist in the DeepCall account, and base_url if all are refused, then {again}.{let go}"},
	{func(error) bool { return true }, "Request refused", false, "The request was refused as a whole. Resolve the problem that the message describes, or ask DeepCall what it means; then {again}."},
}

func (p *providerData) advise(err error, operation deepcall.Operation, now step) advice {
	letGo, renew := "", "Check in DeepCall that the token belongs to that user and is still valid."
	if operation == deepcall.Unset {
		err, letGo = unsetError{err}, now.letGo
	}
	if p.config.Credentials.Expires() {
		renew = "A session ID expires with its login session; get a new one, or use a user ID and its token, which do not expire."
	}
	fill := strings.NewReplacer(
		"{again}", now.again, "{let go}", letGo, "{raise timeout}", now.raiseTimeout, "{in configuration}", now.inConfiguration,
		"{from}", p.credentialsFrom, "{renew}", renew, "{url}", p.client.URL(operation), "{base_url}", p.config.BaseURL.String())
	i := slices.IndexFunc(advices, func(a advice) bool { return a.fits(err) })
	a := advices[i]
	a.next = fill.Replace(a.next)
	return a
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

func hasClass(class deepcall.Class) func(error) bool {
	return func(err error) bool { return deepcall.Classify(err) == class }
}

func hasStatus(status int) func(error) bool {
	return having(func(e *deepcall.HTTPError) bool { return e.Status == status })
}
