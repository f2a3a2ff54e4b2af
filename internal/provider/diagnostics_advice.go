package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"

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

// advice is what a diagnostic says of a reason beyond its own text.
type advice struct {
	summary string
	unsure  bool // the work may have been done without an answer
	next    string
}

func (p *providerData) advise(err error, operation deepcall.Operation, now step) advice {
	if _, ok := errors.AsType[*deepcall.SetFailedError](err); ok {
		return advice{"CAD could not be enabled elsewhere", false, "Resolve that error first, then " + now.again() + "."}
	}
	if _, ok := errors.AsType[*deepcall.RemovalLimitError](err); ok {
		return advice{"Too many removals", false, "Nothing was sent. If this is intended, raise max_removals in the provider block, then " + now.again() + "."}
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return advice{"Operation timed out", true, "To continue, " + now.again() + ". The timeout can be raised in `timeouts`."}
	case errors.Is(err, context.Canceled):
		return advice{"Operation interrupted", true, "To continue, " + now.again() + "."}
	case deepcall.IsInProcessing(err):
		return advice{"Agents still in processing", false, "DeepCall was busy with them on every try. Wait a while, then " + now.again() + "."}
	case deepcall.IsNotFound(err):
		return p.endpointNotFound(operation, now)
	}
	switch deepcall.Classify(err) {
	case deepcall.ClassCredentials:
		return p.credentialsRefused(err)
	case deepcall.ClassRights:
		return advice{"Permission denied", false, "The login lacks a permission in DeepCall; the credentials came from " + p.credentialsFrom +
			". Ask the account's administrator for the permission, then " + now.again() + "."}
	case deepcall.ClassDown, deepcall.ClassBusy:
		return adviseUnavailable(err, now)
	default:
		return p.adviseOther(err, operation, now)
	}
}

func adviseUnavailable(err error, now step) advice {
	e, ok := errors.AsType[*deepcall.ConnectionError](err)
	switch {
	case ok && e.Timeout && !e.Unsent:
		return advice{"No answer from the API", true, "The request took longer than request_timeout allows. Raise request_timeout, or lower batch_size, " +
			"in the provider block, then " + now.again() + "."}
	case ok:
		return advice{"No answer from the API", !e.Unsent,
			"Check that the address can be reached from here (through the proxy, if there is one), then " + now.again() + "."}
	}
	h, ok := errors.AsType[*deepcall.HTTPError](err)
	rateLimited := ok && h.Status == http.StatusTooManyRequests
	return advice{"API not available", !rateLimited, "When the API has recovered, " + now.again() +
		". If it cannot handle the load, lower batch_size or max_concurrent_requests in the provider block."}
}

func (p *providerData) adviseOther(err error, operation deepcall.Operation, now step) advice {
	if e, ok := errors.AsType[*deepcall.RefusedError](err); ok {
		return adviseRefused(e, operation, now)
	}
	if e, ok := errors.AsType[*deepcall.HTTPError](err); ok && e.Status == http.StatusForbidden {
		return advice{"Credentials refused", false, "Either the credentials were refused, or a firewall or proxy rejected the request. The credentials came from " +
			p.credentialsFrom + ". " + p.renewCredentials()}
	}
	if _, ok := errors.AsType[*deepcall.RedirectError](err); ok {
		return advice{"Redirect refused", false,
			"Redirects are not followed, because the request carries the credentials. If the API has moved there, change base_url; it is " + p.baseURL + "."}
	}
	if _, ok := errors.AsType[*deepcall.AnswerError](err); ok {
		return advice{"Unreadable answer", true,
			"A proxy or another server may have answered in place of DeepCall, or base_url is not the URL of the API; it is " + p.baseURL + "."}
	}
	if deepcall.Classify(err) == deepcall.ClassContent {
		next := "Requests for these agents alone were refused, too. Check that these IDs exist in the DeepCall account, then " + now.again() + "."
		if operation == deepcall.Unset {
			next += now.letGo() // an agent that was deleted will never be accepted
		}
		return advice{"Request refused", false, next}
	}
	return advice{"Request refused", false, "The whole request was refused. Correct what the message names, then " + now.again() + "."}
}

func adviseRefused(e *deepcall.RefusedError, operation deepcall.Operation, now step) advice {
	switch {
	case e.NotMentioned():
		return advice{"Agents missing from the answer", true, "If it happens again when you " + now.again() + ", ask DeepCall."}
	case operation == deepcall.Unset:
		return advice{"Agents refused", false, "Check these agents in DeepCall, then " + now.again() + "." + now.letGo()}
	case now == invoking:
		return advice{"Agents refused", false, "Check that these IDs exist in the DeepCall account, correct or remove them, then invoke the action again."}
	}
	return advice{"Agents refused", false,
		"Check that these IDs exist in the DeepCall account, correct or remove them in the configuration, then apply again."}
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
		return " To let agents go without a request, set unset_on_removal = false and apply; they keep CAD."
	}
}

func (p *providerData) endpointNotFound(operation deepcall.Operation, now step) advice {
	url := p.client.URL(operation)
	if operation == deepcall.Unset {
		return advice{"Endpoint unsetCad not found", false, "There is no " + url + ", so this server cannot disable CAD." + now.letGo()}
	}
	return advice{"Endpoint setCad not found", false, "There is no " + url + ". Check base_url; it is " + p.baseURL + "."}
}

func (p *providerData) credentialsRefused(err error) advice {
	next := p.renewCredentials()
	if deepcall.IsSuspended(err) {
		next = "Ask DeepCall about the account, or use the credentials of another one."
	}
	return advice{"Credentials refused", false, "The credentials came from " + p.credentialsFrom + ". " + next}
}

func (p *providerData) renewCredentials() string {
	if p.credentialsExpire {
		return "A session ID expires with its login; get a new one, or use a user ID and its token, which do not expire."
	}
	return "Check in DeepCall that the token belongs to that user and is still valid."
}

// createNote says what is in state after a create that failed.
func createNote(recorded int) string {
	if recorded == 0 {
		return "No agent was confirmed, so nothing is in state. The next apply starts over."
	}
	return agents(recorded) + " in state. Terraform marks the resource as tainted, and the next apply replaces it: all agents are sent again, and none that " +
		"stays in the configuration is switched off."
}

// updateNote says the same after an update.
func updateNote(again bool) string {
	if again {
		return "State lists the agents that were confirmed, now or before, and keeps the old triggers. The next apply sends all agents again."
	}
	return "State lists the agents that were confirmed, now or before. The next apply sends the others."
}

// deleteNote says the same after a destroy.
func deleteNote(now step) string {
	return fmt.Sprintf("The agents that were not disabled stay in state. To try again, %s.", now.again())
}
