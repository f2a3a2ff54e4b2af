package provider

import (
	"errors"
	"net/http"
	"strings"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// step is what Terraform asks the provider to do.
type step int

const (
	creating step = iota
	updating
	destroying
	replacing // the destroy half of a replacement
	invoking
)

// advice is what a diagnostic says of a reason beyond its own text.
type advice struct {
	summary string
	unsure  bool   // the work may have been done without an answer
	next    string // advise fills in what stands in braces
}

func (p *providerData) advise(err error, operation deepcall.Operation, now step) advice {
	a := adviceOnRun(err, operation, now)
	a.next = strings.NewReplacer(
		"{again}", now.again(),
		"{base_url}", p.config.BaseURL.String(),
		"{url}", p.client.URL(operation),
		"{let go}", now.letGo(),
		"{from}", p.credentialsFrom,
		"{renew}", p.renewCredentials(),
	).Replace(a.next)
	return a
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// adviceOnRun is about what would happen to any request, and else adviceOnRequest.
func adviceOnRun(err error, operation deepcall.Operation, now step) advice {
	class := deepcall.Classify(err)
	connection, _ := errors.AsType[*deepcall.ConnectionError](err)
	switch {
	case errors.Is(err, deepcall.ErrSetFailed):
		return advice{"CAD could not be enabled elsewhere", false, "Resolve that error first, then {again}."}
	case errors.Is(err, deepcall.ErrRemovalLimit):
		return advice{"Too many removals", false, "These agents were not sent. If the removals are intended, raise max_removals in the provider block, then {again}."}
	case errors.Is(err, deepcall.ErrTimeout) && (now == destroying || now == replacing): // state holds their timeout
		return advice{"Operation timed out", true, "To continue, {again}."}
	case errors.Is(err, deepcall.ErrTimeout):
		return advice{"Operation timed out", true, "To continue, {again}. The timeout can be raised in `timeouts`."}
	case errors.Is(err, deepcall.ErrInterrupted):
		return advice{"Operation interrupted", true, "To continue, {again}."}
	case deepcall.IsInProcessing(err):
		return advice{"Agents still being processed", false, "DeepCall was still processing these agents on every attempt. Wait a while, then {again}."}
	case statusOf(err) == http.StatusNotFound && operation == deepcall.Unset:
		return advice{"Endpoint unsetCad not found", false, "The server has no {url}, so it cannot disable CAD.{let go}"}
	case statusOf(err) == http.StatusNotFound:
		return advice{"Endpoint setCad not found", false, "The server has no {url}. Check base_url, which is {base_url}."}
	case deepcall.IsSuspended(err):
		return advice{"Credentials refused", false, "The credentials came from {from}. Contact DeepCall about the account, or use another account."}
	case class == deepcall.ClassCredentials:
		return advice{"Credentials refused", false, "The credentials came from {from}. {renew}"}
	case class == deepcall.ClassRights:
		return advice{"Permission denied", false, "The login lacks a permission in DeepCall; the credentials came from {from}. " +
			"Ask the account's administrator for the permission, then {again}."}
	case connection != nil && connection.Timeout && !connection.Unsent:
		return advice{"No answer from the API", true, "The request took longer than request_timeout allows. Raise request_timeout, or lower batch_size, " +
			"in the provider block, then {again}."}
	case connection != nil:
		return advice{"No answer from the API", !connection.Unsent,
			"Check that the address can be reached from here (through the proxy, if there is one), then {again}."}
	case class == deepcall.ClassDown || class == deepcall.ClassBusy:
		return advice{"API not available", statusOf(err) != http.StatusTooManyRequests, "When the API has recovered, {again}. " +
			"If it cannot handle the load, lower batch_size or max_concurrent_requests in the provider block."}
	}
	return adviceOnRequest(err, operation, now)
}

// adviceOnRequest is about what was refused in one request or came in place of an
// answer.
func adviceOnRequest(err error, operation deepcall.Operation, now step) advice {
	refused, _ := errors.AsType[*deepcall.RefusedError](err)
	switch {
	case refused != nil && refused.NotMentioned():
		return advice{"Agents missing from the answer", true, "If it happens again when you {again}, ask DeepCall."}
	case refused != nil && operation == deepcall.Unset:
		return advice{"Agents refused", false, "Check these agents in DeepCall, then {again}.{let go}"}
	case refused != nil && now == invoking:
		return advice{"Agents refused", false, "Check that these IDs exist in the DeepCall account, correct or remove them, then {again}."}
	case refused != nil:
		return advice{"Agents refused", false,
			"Check that these IDs exist in the DeepCall account, correct or remove them in the configuration, then {again}."}
	case statusOf(err) == http.StatusForbidden:
		return advice{"Credentials refused", false, "Either the credentials were refused, or a firewall or proxy rejected the request. The credentials came from {from}. {renew}"}
	case statusOf(err)/100 == 3:
		return advice{"Redirect refused", false,
			"Redirects are not followed, because the request carries the credentials. If the API has moved there, change base_url; it is {base_url}."}
	case is[*deepcall.AnswerError](err):
		return advice{"Unreadable answer", true,
			"A proxy or another server may have answered in place of DeepCall, or base_url is not the URL of the API; it is {base_url}."}
	case deepcall.Classify(err) == deepcall.ClassContent && operation == deepcall.Unset: // a deleted agent will never be accepted
		return advice{"Request refused", false,
			"These agents were refused even when each was sent alone. Check that the IDs exist in the DeepCall account, and base_url if all are refused, then {again}.{let go}"}
	case deepcall.Classify(err) == deepcall.ClassContent:
		return advice{"Request refused", false, "These agents were refused even when each was sent alone. Check that the IDs exist in the DeepCall account, and base_url if all are refused, then {again}."}
	}
	return advice{"Request refused", false, "The request was refused as a whole. Resolve the problem that the message describes, or ask DeepCall what it means; then {again}."}
}

// statusOf is the HTTP status that err is about, or 0.
func statusOf(err error) int {
	if e, ok := errors.AsType[*deepcall.HTTPError](err); ok {
		return e.Status
	}
	return 0
}

func (p *providerData) renewCredentials() string {
	if p.config.Credentials.Expires() {
		return "A session ID expires with its login session; get a new one, or use a user ID and its token, which do not expire."
	}
	return "Check in DeepCall that the token belongs to that user and is still valid."
}

// again is how to repeat the step. A failed destroy must not be followed by an
// apply, which enables the agents again.
func (s step) again() string {
	switch s {
	case destroying:
		return "run the same destroy again"
	case invoking:
		return "invoke the action again"
	default:
		return "apply again"
	}
}

// letGo is the way out where CAD cannot be disabled.
func (s step) letGo() string {
	switch s {
	case destroying:
		return " To stop managing these agents and leave CAD enabled, take the resource out of state: with a `removed` block that has " +
			"`destroy = false`, or with `terraform state rm`."
	case invoking:
		return ""
	default:
		return " To stop managing these agents without a request, set unset_on_removal = false and apply; they keep CAD."
	}
}

// inState says what is in state after the step failed.
func (s step) inState(recorded int, sentAgain bool) string {
	switch {
	case s == creating && recorded == 0:
		return "No agent was confirmed, so nothing is in state. The next apply starts over."
	case s == creating:
		return "State lists " + agents(recorded) + ". Terraform marks the resource as tainted, and the next apply replaces it: all agents are sent again, " +
			"and none that remains in the configuration loses CAD."
	case s == updating && sentAgain:
		return "State lists the agents confirmed so far and keeps the old triggers. The next apply sends all agents again."
	case s == updating:
		return "State lists the agents confirmed so far, and any that could not be disabled. The next apply tries again."
	}
	if s == destroying {
		return "Agents that were not confirmed stay in state. To retry, run the same command again: `terraform destroy`, or the apply that destroyed the resource."
	}
	return "Agents that were not confirmed stay in state. To retry, apply again."
}
