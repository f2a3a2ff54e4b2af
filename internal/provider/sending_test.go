package provider_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// always gives every request this fault.
func always(fault deepcalltest.Fault) func(*deepcalltest.Server) {
	return func(api *deepcalltest.Server) {
		api.FailWhen(func(deepcalltest.Request) deepcalltest.Fault { return fault })
	}
}

func retryAfter(seconds string) http.Header { return http.Header{"Retry-After": {seconds}} }

func numbered(from, to int) (ids []string) {
	for n := from; n <= to; n++ {
		ids = append(ids, fmt.Sprint(n))
	}
	return ids
}

// TestBatches creates a resource for five agents.
func TestBatches(t *testing.T) {
	t.Parallel()
	five := set.with(numbered(1, 5))
	list := []operation{
		{name: "all at once", sends: []string{"setCad 1 2 3 4 5"}},
		{name: "two at a time", settings: object{"batch_size": 2}, sends: []string{"setCad 1 2", "setCad 3 4", "setCad 5"}},
		{name: "halved on 413", server: []deepcalltest.Option{deepcalltest.WithMaxAgents(2)},
			sends: []string{"setCad 1 2 3 4 5", "setCad 3", "setCad 1 2", "setCad 4 5"}},
		{name: "halved down to one", server: []deepcalltest.Option{deepcalltest.WithMaxAgents(1)}, settings: object{"batch_size": 3},
			sends: []string{"setCad 1 2 3", "setCad 2", "setCad 4 5", "setCad 4", "setCad 5", "setCad 1", "setCad 3"}},
	}
	for i := range list {
		list[i].config, list[i].state = five, five
	}
	operations(t, "batches", list)
}

// TestRetries creates a resource for the agents 1 and 2.
func TestRetries(t *testing.T) {
	t.Parallel()
	both, first := set.with([]string{"1", "2"}), set.with([]string{"1"})
	const all = "setCad 1 2"
	unavailable := deepcalltest.Status(503, retryAfter("0"), "<h1>Back soon</h1>")
	within := func(timeout string) object {
		return set.with([]string{"1", "2"}, object{"timeouts": object{"create": timeout}})
	}
	shortUpdate := object{"timeouts": object{"create": "1h", "update": "50ms", "delete": "1h"}}
	shortDelete := object{"unset_on_removal": true, "timeouts": object{"create": "1h", "update": "1h", "delete": "600ms"}}
	operations(t, "retries", []operation{
		{name: "after 429, 500, 502, 504", config: both, state: both, before: next(
			deepcalltest.Status(429, retryAfter("0"), ""), deepcalltest.Status(500, nil, ""), deepcalltest.Status(502, nil, ""), deepcalltest.Status(504, nil, "")),
			sends: []string{all, all, all, all, all}},
		{name: "after 503 and a date that has passed", config: both, state: both,
			before: next(deepcalltest.Status(503, retryAfter("Mon, 01 Jan 2024 00:00:00 GMT"), "")), sends: []string{all, all}},
		{name: "after code 1501 and code 1032", config: both, state: both,
			before: next(deepcalltest.Code(1501, "Data already in processing"), deepcalltest.Code(1032, "")), sends: []string{all, all, all}},
		{name: "after a reset", config: both, state: both, before: next(deepcalltest.Reset()), sends: []string{all, all}},
		{name: "after a lost answer", config: both, state: both, before: next(deepcalltest.LostAnswer()), sends: []string{all, all}},
		{name: "after an answer cut short", config: both, state: both, before: next(deepcalltest.CutShort()), sends: []string{all, all}},
		{name: "of the busy agent alone", config: both, state: both,
			before: func(api *deepcalltest.Server) { api.Busy(2, "2") }, sends: []string{all, "setCad 2", "setCad 2"}},

		{name: "used up", config: both, settings: object{"max_retries": 2}, before: always(unavailable), sends: []string{all, all, all}, cli: true},
		{name: "none wanted", config: both, settings: object{"max_retries": 0}, before: always(deepcalltest.Status(429, nil, "slow down")), sends: []string{all}, cli: true},
		{name: "used up on code 1032", config: both, settings: object{"max_retries": 1}, before: always(deepcalltest.Code(1032, "")), sends: []string{all, all}},
		{name: "used up on code 1501", config: both, settings: object{"max_retries": 1}, before: always(deepcalltest.Code(1501, "")), sends: []string{all, all}},
		{name: "used up on a busy agent", config: both, settings: object{"max_retries": 1}, state: first,
			before: func(api *deepcalltest.Server) { api.Busy(2, "2") }, sends: []string{all, "setCad 2"}, cli: true},
		{name: "used up without an answer", config: both, settings: object{"max_retries": 1}, before: always(deepcalltest.LostAnswer()), sends: []string{all, all}},
		{name: "a request that takes too long", config: both, settings: object{"max_retries": 0, "request_timeout": "50ms"},
			before: always(deepcalltest.Hang()), sends: []string{all}, cli: true},
		{name: "due too late", config: within("5m"), before: always(deepcalltest.Status(503, retryAfter("3600"), "")), sends: []string{all}},
		{name: "out of time", config: within("50ms"), before: always(deepcalltest.Hang()), sends: []string{all}},
		{name: "out of time before it starts", config: within("1ns")},
		{name: "out of time in an update", prior: first, config: set.with([]string{"1", "2"}, shortUpdate), before: always(deepcalltest.Hang()),
			sends: []string{"setCad 2"}, state: set.with([]string{"1"}, shortUpdate)},
		{name: "out of time in a destroy", prior: set.with([]string{"1"}, shortDelete), before: always(deepcalltest.Hang()),
			sends: []string{"unsetCad 1"}, state: set.with([]string{"1"}, shortDelete)},
	})
}

// TestStops creates a resource for three agents, each in a request of its own.
func TestStops(t *testing.T) {
	t.Parallel()
	last := set.with([]string{"2", "3"})
	only := []string{"setCad 1"}
	each := []string{"setCad 1", "setCad 2", "setCad 3"}
	list := []operation{
		{name: "400", before: next(deepcalltest.Status(400, nil, "no")), sends: each, state: last},
		{name: "413 for one", before: next(deepcalltest.Status(413, nil, "")), sends: each, state: last},
		{name: "422", before: next(deepcalltest.Status(422, nil, "")), sends: each, state: last},
		{name: "code 1000", before: next(deepcalltest.Code(1000, "")), sends: each, state: last},
		{name: "code 1507", before: next(deepcalltest.Code(1507, "")), sends: each, state: last},

		{name: "code 1014", before: next(deepcalltest.Code(1014, "")), sends: only, cli: true},
		{name: "code 1047", before: next(deepcalltest.Code(1047, "")), sends: only},
		{name: "unknown code", before: next(deepcalltest.Code(4711, "")), sends: only},
		{name: "401", before: next(deepcalltest.Status(401, nil, "")), sends: only},
		{name: "403", before: next(deepcalltest.Status(403, nil, "<p>No entry")), sends: only},
		{name: "404", before: next(deepcalltest.Status(404, nil, "")), sends: only, cli: true},
		{name: "405", before: next(deepcalltest.Status(405, nil, "")), sends: only},
		{name: "redirect", before: next(deepcalltest.Redirect("https://me:pw@other.example/login?ssid=s3cret#top", 307)), sends: only, cli: true},
		{name: "redirect without a location", before: next(deepcalltest.Status(302, nil, "")), sends: only},
		{name: "malformed", before: next(deepcalltest.Body(200, "pong")), sends: only},
		{name: "retries used up", before: next(deepcalltest.Status(500, nil, ""), deepcalltest.Status(502, nil, "")), sends: []string{"setCad 1", "setCad 1"}},
		{name: "after some were done", before: next(nil, deepcalltest.Code(1014, "")), sends: each[:2], state: set.with([]string{"1"}), cli: true},
	}
	for i := range list {
		list[i].config = set.with([]string{"1", "2", "3"})
		list[i].settings = object{"batch_size": 1, "max_retries": 1}
	}
	operations(t, "stops", list)
}

// TestUnsetting destroys a resource with the agents 1 and 2, or takes 1 out.
func TestUnsetting(t *testing.T) {
	t.Parallel()
	unset := object{"unset_on_removal": true}
	both, second := set.with([]string{"1", "2"}, unset), set.with([]string{"2"}, unset)
	without := []deepcalltest.Option{deepcalltest.WithoutUnset()}
	list := []operation{
		{name: "done", sends: []string{"unsetCad 1 2"}},
		{name: "refused", before: next(deepcalltest.RefuseOnce("Data could not be updated", "2")), sends: []string{"unsetCad 1 2"}, state: second},
		{name: "refused alone", before: func(api *deepcalltest.Server) { api.FailFor(deepcalltest.Code(1003, ""), "2") },
			sends: []string{"unsetCad 1 2", "unsetCad 1", "unsetCad 2"}, state: second},
		{name: "not mentioned", before: next(deepcalltest.Omit("2")), sends: []string{"unsetCad 1 2"}, state: second},
		{name: "an error without an agent", before: next(deepcalltest.AgentlessError("Quota reached")), sends: []string{"unsetCad 1 2"}},
		{name: "no such endpoint", server: without, sends: []string{"unsetCad 1 2"}, state: both},
		{name: "no such endpoint on update", server: without, config: second, sends: []string{"unsetCad 1"}, state: both},
		{name: "credentials refused", before: next(deepcalltest.Status(403, nil, "")), sends: []string{"unsetCad 1 2"}, state: both},
		{name: "busy", settings: object{"max_retries": 0}, before: func(api *deepcalltest.Server) { api.Busy(1, "2") }, sends: []string{"unsetCad 1 2"}, state: second},
		{name: "nothing is known of it before", config: second, sends: []string{"unsetCad 1"}, state: second},
	}
	for i := range list {
		list[i].prior = both
	}
	operations(t, "unsetting", list)
}
