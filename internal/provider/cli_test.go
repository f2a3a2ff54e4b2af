package provider_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// What depends on core, with a real CLI and the provider in this process: values
// that are known late, and resources side by side. internal/acceptance has the
// rest.

// step is one configuration, applied. Unless it fails, the plan afterwards is
// empty.
type step struct {
	config  string
	destroy bool
	fails   []string // phrases of the error, in their order
	after   func()   // looks at the stand-in
}

// run runs the steps, then destroys what is left.
func run(t *testing.T, steps ...step) {
	t.Helper()
	c := resource.TestCase{ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){"deepcall": newServer}}
	due := func() {} // the look at what the step before has sent: one that failed ends without
	for _, s := range steps {
		look := sync.OnceFunc(s.after)
		c.Steps = append(c.Steps, resource.TestStep{
			Config: s.config, Destroy: s.destroy, ExpectError: phrases(s.fails), PostApplyFunc: look,
			PreConfig: func() {
				due()
				due = look
			},
		})
	}
	resource.UnitTest(t, c)
	due()
}

// phrases matches text in which they stand in order. The CLI breaks lines where
// it likes and draws a bar before each.
func phrases(wanted []string) *regexp.Regexp {
	if wanted == nil {
		return nil
	}
	var patterns []string
	for _, p := range wanted {
		words := strings.Fields(regexp.QuoteMeta(p))
		patterns = append(patterns, strings.Join(words, `[\s│]+`))
	}
	return regexp.MustCompile(`(?s)` + strings.Join(patterns, `.*`))
}

// block is a provider block for api.
func block(api *deepcalltest.Server) string {
	return fmt.Sprintf("provider \"deepcall\" {\n  base_url = %q\n  ssid = \"s3cret\"\n}\n", api.URL())
}

// cad is a resource with these attributes.
func cad(attributes ...string) string {
	return fmt.Sprintf("resource %q \"a\" {\n%s\n}\n", agentCAD, strings.Join(attributes, "\n"))
}

// given gives values that are unknown to the first plan.
func given(values string) string {
	return "resource \"terraform_data\" \"given\" {\n  input = {" + values + "}\n}\n"
}

// Agents that another resource gives are unknown to the plan; the apply has them.
func TestAgentsUnknownAtPlan(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ attribute, fails string }{
		"a set":           {`agent_ids = terraform_data.given.output.ids`, ""},
		"an element":      {`agent_ids = ["1", terraform_data.given.output.id]`, ""},
		"a map":           {`agents = terraform_data.given.output.labels`, ""},
		"a label":         {`agents = { "1" = "Ada", "14" = terraform_data.given.output.name }`, ""},
		"a key":           {`agents = { "1" = "Ada", (terraform_data.given.output.id) = "Bob" }`, ""},
		"a blank element": {`agent_ids = ["1", terraform_data.given.output.blank]`, `the agent ID "  " is blank`},
		"an empty set":    {`agent_ids = terraform_data.given.output.none`, "agent_ids is empty"},
		"a blank key":     {`agents = terraform_data.given.output.blanks`, `the agent ID "  " is blank`},
		"a null label":    {`agents = { "1" = terraform_data.given.output.null }`, "label must not be null"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := deepcalltest.Start(t)
			values := `id = "14", ids = ["1", "14"], name = "Bob", labels = { "1" = "Ada", "14" = "Bob" },
				blank = "  ", none = toset([]), blanks = { "  " = "" }, null = null`
			s := step{config: block(api) + given(values) + cad(c.attribute), after: func() { sent(t, api, "setCad 1 14") }}
			if c.fails != "" {
				s.fails, s.after = []string{c.fails}, func() { sent(t, api) }
			}
			run(t, s)
		})
	}
}

// So are values of the provider block.
func TestBlockUnknownAtPlan(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	with := func(url, agents string) string {
		return given(`url = "`+url+`", ssid = "s3cret", batch = 1, timeout = "9s"`) + `provider "deepcall" {
  base_url        = terraform_data.given.output.url
  ssid            = terraform_data.given.output.ssid
  batch_size      = terraform_data.given.output.batch
  request_timeout = terraform_data.given.output.timeout
}
` + cad(fmt.Sprintf("agent_ids = split(\" \", %q)", agents))
	}
	sends := func(want ...string) func() { return func() { sent(t, api, want...) } }
	run(t,
		step{config: with(api.URL(), "1 2"), after: sends("setCad 1", "setCad 2")},
		step{config: with(api.URL()+"/", "2 3"), after: sends("setCad 3")}, // with something in state
		step{
			config: with("http://api.example", "2 3 4"),
			fails:  []string{"Invalid base URL", "base_url        = terraform_data.given.output.url", "it is http"}, after: sends(),
		},
		step{config: with(api.URL(), "2 3 4"), after: sends("setCad 4")})
}

// forEach is a resource for each of twenty agents.
func forEach(api *deepcalltest.Server) string {
	return block(api) + cad(fmt.Sprintf("for_each = toset(split(\" \", %q))", strings.Join(numbered(1, 20), " ")), "agent_ids = [each.key]", "unset_on_removal = true")
}

// Agents that are waiting while a request is in flight share the next one.
func TestRequestsAreShared(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t, deepcalltest.WithLatency(200*time.Millisecond))
	leaves := func(on int) func() {
		return func() {
			// Terraform works on ten resources at a time: one that comes first, the
			// nine behind it, and what those release.
			if n := len(api.Requests()); n > 10 {
				t.Errorf("twenty resources took %d requests: %q", n, requests(api))
			}
			equal(t, "most requests at a time", api.MaxInFlight(), 1)
			equal(t, "agents with CAD", len(api.Enabled()), on)
			api.ResetRequests()
		}
	}
	run(t, step{config: forEach(api), after: leaves(20)}, step{config: forEach(api), destroy: true, after: leaves(0)})
}

// A request that is refused as a whole for one agent's sake fails for nobody
// else.
func TestOneBadAgentFailsAlone(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t, deepcalltest.WithLatency(20*time.Millisecond))
	api.SetWholeRefusal("7")
	run(t, step{
		config: forEach(api),
		fails:  []string{"Request refused", `with ` + agentCAD + `.a["7"],`, "CAD was not enabled for 1 agent: the API reported code 1000: invalid parameter.", "Agents: 7"},
		after: func() {
			equal(t, "agents with CAD", slices.Contains(api.Enabled(), "7"), false)
			equal(t, "agents with CAD", len(api.Enabled()), 19)
			api.SetWholeRefusal()
			api.ResetRequests()
		},
	}, step{
		config: forEach(api),
		after:  func() { sent(t, api, "setCad 7") },
	}, step{ // plugin-testing's own destroy at the end cannot read a for_each
		config: forEach(api), destroy: true,
		after: func() { equal(t, "agents with CAD", len(api.Enabled()), 0) },
	})
}
