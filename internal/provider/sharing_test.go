package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// forEach is a resource for each of the agents.
func forEach(ids []string, attributes ...string) string {
	return cad("each", append([]string{
		fmt.Sprintf("  for_each  = toset([%s])\n  agent_ids = [each.key]", quoted(ids)),
	}, attributes...)...)
}

// Agents that are waiting while a request is in flight share the next one.
func TestRequestsAreShared(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t, deepcalltest.WithLatency(200*time.Millisecond))
	twenty := numbered(1, 20)
	few := func() {
		// Terraform works on ten resources at a time: one that comes first, the
		// nine behind it, and what those release.
		if n := len(api.Requests()); n > 6 {
			t.Errorf("twenty resources took %d requests: %q", n, requests(api))
		}
		equal(t, "most requests at a time", api.MaxInFlight(), 1)
	}
	const uncertain = "it depends on the moment at which Terraform comes to each resource"
	run(t, api, step{
		about:     "create",
		config:    config(api, ssid, forEach(twenty, unsets)),
		uncertain: uncertain,
		after: func() {
			few()
			equal(t, "agents with CAD", len(api.Enabled()), 20)
		},
	}, step{
		about:     "destroy",
		config:    config(api, ssid, forEach(twenty, unsets)),
		destroy:   true,
		uncertain: uncertain,
		after: func() {
			few()
			equal(t, "agents with CAD", len(api.Enabled()), 0)
		},
	})
}

// A request that is refused as a whole for one agent's sake fails for nobody
// else.
func TestOneBadAgentFailsAlone(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t, deepcalltest.WithLatency(20*time.Millisecond))
	api.SetWholeRefusal("7")
	all := config(api, ssid, forEach(numbered(1, 20)))
	run(t, api, step{
		about:     "create",
		config:    all,
		fails:     []string{"Request refused", `with ` + agentCAD + `.each["7"],`, "CAD was not enabled for 1 agent: the API reported code 1000: invalid parameter.", "Agents: 7"},
		uncertain: "it depends on who rides with 7",
		after:     func() { equal(t, "agents with CAD", len(api.Enabled()), 19) },
	}, step{
		about:  "the others are done",
		before: func() { api.SetWholeRefusal() },
		config: all,
		sends:  []string{"setCad 7"},
		plan:   []plancheck.PlanCheck{plancheck.ExpectResourceAction(agentCAD+`.each["1"]`, plancheck.ResourceActionNoop)},
	}, step{
		// plugin-testing's own destroy at the end cannot read a for_each.
		about:   "destroy",
		config:  all,
		destroy: true,
	})
}

func TestConcurrentRequests(t *testing.T) {
	t.Parallel()
	for _, most := range []int{1, 3} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			t.Parallel()
			api := deepcalltest.Start(t)
			release := make(chan struct{})
			api.FailWhen(func(deepcalltest.Request) deepcalltest.Fault { return deepcalltest.Gate(release, nil) })
			arrived := make(chan error, 1)
			go func() {
				arrived <- api.Wait(most, time.Minute)
				close(release)
			}()
			p := connect(t, api, object{"batch_size": 1, "max_concurrent_requests": most})
			state, diags := p.PlanAndApply(nil, set.with(numbered(1, 6)))
			if err := <-arrived; err != nil {
				t.Error(err)
			}
			said(t, diags)
			equal(t, "state", state, set.with(numbered(1, 6)))
			equal(t, "requests", len(api.Requests()), 6)
			equal(t, "most requests at a time", api.MaxInFlight(), most)
		})
	}
}

// An interrupt ends what is in flight and sends no more; what was confirmed
// before is in state.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	g := readGolden(t, "testdata/diagnostics/interrupts.txt")
	unset := object{"unset_on_removal": true}
	t.Run("each", func(t *testing.T) {
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
	})
	g.finish(t)
}

// The error for refused credentials points at where they came from.
func TestCredentialsRefusedPointsAtTheirSource(t *testing.T) {
	clearEnvironment(t)
	api := deepcalltest.Start(t, deepcalltest.WithCredentials(deepcalltest.Credentials{SSID: "another"}))
	const (
		session = "A session ID expires with its login;"
		token   = "Check in DeepCall that the token belongs to that user and is still valid."
	)
	for _, c := range []struct {
		block object
		env   map[string]string
		from  string
		next  string
	}{
		{object{"ssid": "s"}, nil, "`ssid` in the provider block", session},
		{object{"user_id": "u", "token": "t"}, nil, "`user_id` in the provider block and `token` in the provider block", token},
		{object{"user_id": "u"}, map[string]string{"DEEPCALL_TOKEN": "t"}, "`user_id` in the provider block and the environment variable DEEPCALL_TOKEN", token},
		{nil, map[string]string{"DEEPCALL_SSID": "s"}, "the environment variable DEEPCALL_SSID", session},
	} {
		t.Run(c.from, func(t *testing.T) {
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			block := object{"base_url": api.URL()}
			for name, value := range c.block {
				block[name] = value
			}
			p := startProtocol(t)
			said(t, p.Configure(block))
			state, diags := p.PlanAndApply(nil, set.with([]string{"1"}))
			said(t, diags, "ERROR Credentials refused")
			equal(t, "state", state, object(nil))
			if want := "The credentials came from " + c.from + ". " + c.next; !strings.Contains(diags.String(), want) {
				t.Errorf("it does not say %q:\n%s", want, diags)
			}
		})
	}
}
