package provider_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// always gives every request this fault.
func always(fault deepcalltest.Fault) func(*deepcalltest.Server) {
	return func(api *deepcalltest.Server) {
		api.FailWhen(func(deepcalltest.Request) deepcalltest.Fault { return fault })
	}
}

func retryAfter(seconds string) http.Header { return http.Header{"Retry-After": {seconds}} }

// TestRetries changes a resource of the agents 1 and 2 until the tries or the time
// are used up.
func TestRetries(t *testing.T) {
	t.Parallel()
	both, first := set.with([]string{"1", "2"}), set.with([]string{"1"})
	const all = "setCad 1 2"
	unavailable := deepcalltest.Status(503, retryAfter("0"), "<h1>Back soon</h1>")
	within := func(timeout string) object {
		return set.with([]string{"1", "2"}, object{"timeouts": object{"create": timeout}})
	}
	shortUpdate := object{"timeouts": object{"create": "1h", "update": "500ms", "delete": "1h"}}
	shortDelete := object{"unset_on_removal": true, "timeouts": object{"create": "1h", "update": "1h", "delete": "1s"}}
	operations(t, "retries", []operation{
		{name: "used up", config: both, settings: object{"max_retries": 2}, before: always(unavailable), sends: []string{all, all, all}},
		{name: "none wanted", config: both, settings: object{"max_retries": 0}, before: always(deepcalltest.Status(429, nil, "slow down")), sends: []string{all}},
		{name: "used up on code 1032", config: both, settings: object{"max_retries": 1}, before: always(deepcalltest.Code(1032, "")), sends: []string{all, all}},
		{name: "used up on code 1501", config: both, settings: object{"max_retries": 1}, before: always(deepcalltest.Code(1501, "")), sends: []string{all, all}},
		{name: "used up on a busy agent", config: both, settings: object{"max_retries": 1}, state: first,
			before: func(api *deepcalltest.Server) { api.Busy(2, "2") }, sends: []string{all, "setCad 2"}},
		{name: "used up without an answer", config: both, settings: object{"max_retries": 1}, before: always(deepcalltest.LostAnswer()), sends: []string{all, all}},
		{name: "a request that takes too long", config: both, settings: object{"max_retries": 0, "request_timeout": "50ms"},
			before: always(deepcalltest.Hang()), sends: []string{all}},
		{name: "due too late", config: within("5m"), before: always(deepcalltest.Status(503, retryAfter("3600"), "")), sends: []string{all}},
		{name: "out of time", config: within("500ms"), before: always(deepcalltest.Hang()), sends: []string{all}},
		{name: "out of time after a failure", config: within("500ms"), before: next(unavailable, deepcalltest.Hang()), sends: []string{all, all}},
		{name: "out of time before it starts", config: within("1ns")},
		{name: "no time at all", config: within("0s")}, // which validation rejects
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

		{name: "code 1014", before: next(deepcalltest.Code(1014, "")), sends: only},
		{name: "code 1015", before: next(deepcalltest.Code(1015, "")), sends: only},
		{name: "code 1047", before: next(deepcalltest.Code(1047, "")), sends: only},
		{name: "unknown code", before: next(deepcalltest.Code(4711, "")), sends: only},
		{name: "401", before: next(deepcalltest.Status(401, nil, "")), sends: only},
		{name: "403", before: next(deepcalltest.Status(403, nil, "<p>No entry")), sends: only},
		{name: "404", before: next(deepcalltest.Status(404, nil, "")), sends: only},
		{name: "405", before: next(deepcalltest.Status(405, nil, "")), sends: only},
		{name: "redirect", before: next(deepcalltest.Redirect("https://me:pw@other.example/login?ssid=s3cret#top", 307)), sends: only},
		{name: "redirect without a location", before: next(deepcalltest.Status(302, nil, "")), sends: only},
		{name: "malformed", before: next(deepcalltest.Body(200, "pong")), sends: only},
		{name: "retries used up", before: next(deepcalltest.Status(500, nil, ""), deepcalltest.Status(502, nil, "")), sends: []string{"setCad 1", "setCad 1"}},
		{name: "after some were done", before: next(nil, deepcalltest.Code(1014, "")), sends: each[:2], state: set.with([]string{"1"})},
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
	both, second := set.with([]string{"1", "2"}, unset), set.with([]string{"2"}, unset)
	released := object{"triggers": map[string]string{"release": "2"}}
	again := set.with([]string{"2"}, unset, released)
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
		{name: "refused when the triggers change", config: again, before: func(api *deepcalltest.Server) { api.FailFor(deepcalltest.Code(1003, ""), "1") },
			sends: []string{"setCad 2", "unsetCad 1"}, state: set.with([]string{"1", "2"}, unset, released)},
		{name: "nothing is known of it before", config: second, sends: []string{"unsetCad 1"}, state: second},
	}
	for i := range list {
		list[i].prior = both
	}
	operations(t, "unsetting", list)
}

// An interrupt ends what is in flight and sends no more; what was confirmed
// before is in state.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	g := readGolden(t, "interrupts")
	for _, c := range []struct {
		name                 string
		prior, config, state object
		sends                []string
	}{
		{"create", nil, set.with(numbered(1, 4)), set.with([]string{"1"}), []string{"setCad 1", "setCad 2"}},
		{
			"update", set.with([]string{"0"}, unset), set.with(numbered(1, 4), unset), set.with([]string{"0", "1"}, unset),
			[]string{"setCad 1", "setCad 2"},
		},
		{"destroy", set.with(numbered(1, 4), unset), nil, set.with(numbered(2, 4), unset), []string{"unsetCad 1", "unsetCad 2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			api := startForAMinute(t)
			p := connect(t, api, object{"batch_size": 1})
			to, diags := p.Plan(c.prior, c.config)
			said(t, diags)
			server := p.Server
			api.Fail(nil, deepcalltest.Hang())
			stopped := make(chan error, 1)
			go func() {
				_ = api.Wait(2, time.Minute) // if none comes, the requests below tell
				_, err := server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{})
				stopped <- err
			}()
			state, diags := p.Apply(c.prior, to, c.config)
			if err := <-stopped; err != nil {
				t.Error(err)
			}
			equal(t, "state", state, c.state)
			sent(t, api, c.sends...)
			g.compare(t, c.name, diags.String())
		})
	}
}
