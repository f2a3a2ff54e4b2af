package provider_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// The acceptance tests run a real CLI against a stand-in for the API.

const resourceA = agentCAD + ".a"

// step is one configuration and what comes of it. Unless it fails, the plan
// afterwards is empty.
type step struct {
	about     string
	before    func() // changes the stand-in's mind
	config    string
	destroy   bool
	imports   string   // the ID, into resourceA
	fails     []string // phrases of the error, in their order
	sends     []string // requests as the function requests has them
	uncertain string   // why what it sends differs from run to run
	plan      []plancheck.PlanCheck
	state     []statecheck.StateCheck
	after     func() // looks at the stand-in
}

// run runs the steps, then destroys what is left.
func run(t *testing.T, api *deepcalltest.Server, steps ...step) {
	t.Helper()
	runAbove(t, api, nil, steps...)
}

// runAbove is run for what needs a CLI that passes the checks.
func runAbove(t *testing.T, api *deepcalltest.Server, needs []tfversion.TerraformVersionCheck, steps ...step) {
	t.Helper()
	c := resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){"deepcall": newServer},
		TerraformVersionChecks:   needs,
	}
	due := func() {} // the look at what the step before has sent
	for i, s := range steps {
		look := sync.OnceFunc(func() {
			if s.after != nil {
				s.after()
			}
			if got := requests(api); s.uncertain == "" && !slices.Equal(got, s.sends) {
				t.Errorf("step %d (%s) sent\n  %q\nnot\n  %q", i+1, s.about, got, s.sends)
			}
			api.ResetRequests()
		})
		ts := resource.TestStep{
			Config:            s.config,
			Destroy:           s.destroy,
			ExpectError:       phrases(s.fails),
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: s.plan},
			ConfigStateChecks: s.state,
			PostApplyFunc:     look,
			PreConfig: func() {
				due()
				due = look
				if s.before != nil {
					s.before()
				}
			},
		}
		if s.imports != "" {
			ts.ImportState, ts.ImportStatePersist = true, true
			ts.ResourceName, ts.ImportStateId = resourceA, s.imports
		}
		c.Steps = append(c.Steps, ts)
	}
	resource.UnitTest(t, c)
	due()
}

// requests are what the stand-in has received, each as its endpoint and its
// agents, sorted: "setCad 1 14".
func requests(api *deepcalltest.Server) (out []string) {
	for _, r := range api.Requests() {
		slices.Sort(r.AgentIDs)
		out = append(out, r.Endpoint+" "+strings.Join(r.AgentIDs, " "))
	}
	return out
}

// phrases matches text in which they stand in order. The CLI breaks lines where
// it likes and draws a bar before each.
func phrases(wanted []string) *regexp.Regexp {
	if wanted == nil {
		return nil
	}
	var patterns []string
	for _, p := range wanted {
		words := strings.Fields(p)
		for i, w := range words {
			words[i] = regexp.QuoteMeta(w)
		}
		patterns = append(patterns, strings.Join(words, `[\s│]+`))
	}
	return regexp.MustCompile(`(?s)` + strings.Join(patterns, `.*`))
}

// config is a provider block for api with these attributes, and what follows
// it.
func config(api *deepcalltest.Server, block string, rest ...string) string {
	return fmt.Sprintf("provider \"deepcall\" {\n  base_url = %q\n%s\n}\n%s", api.URL(), block, strings.Join(rest, "\n"))
}

// ssid is credentials that every stand-in takes.
const ssid = `  ssid = "s3cret"`

// cad is a resource with these attributes.
func cad(name string, attributes ...string) string {
	return fmt.Sprintf("resource %q %q {\n%s\n}\n", agentCAD, name, strings.Join(attributes, "\n"))
}

// agentIDs is that attribute.
func agentIDs(ids ...string) string { return fmt.Sprintf("  agent_ids = [%s]\n", quoted(ids)) }

func quoted(ids []string) string {
	var q []string
	for _, id := range ids {
		q = append(q, fmt.Sprintf("%q", id))
	}
	return strings.Join(q, ", ")
}

// holds checks that the state lists these agents and no others.
func holds(address string, ids ...string) statecheck.StateCheck {
	var checks []knownvalue.Check
	for _, id := range ids {
		checks = append(checks, knownvalue.StringExact(id))
	}
	return statecheck.ExpectKnownValue(address, tfjsonpath.New("agent_ids"), knownvalue.SetExact(checks))
}

// held checks that resourceA had these agents in state before the plan, and no
// others. It tells what a step that failed has left: nothing, where it lists
// none.
func held(ids ...string) plancheck.PlanCheck { return heldCheck(ids) }

type heldCheck []string

func (c heldCheck) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, change := range req.Plan.ResourceChanges {
		if change.Address != resourceA {
			continue
		}
		before, _ := change.Change.Before.(map[string]any)
		labels, _ := before["agents"].(map[string]any)
		got := slices.Collect(maps.Keys(labels))
		ids, _ := before["agent_ids"].([]any)
		for _, id := range ids {
			got = append(got, fmt.Sprint(id))
		}
		slices.Sort(got)
		if !slices.Equal(got, c) {
			resp.Error = fmt.Errorf("the state held %q, not %q", got, []string(c))
		}
		return
	}
	resp.Error = fmt.Errorf("%s is not in the plan", resourceA)
}

// does checks what is planned for resourceA.
func does(action plancheck.ResourceActionType) plancheck.PlanCheck {
	return plancheck.ExpectResourceAction(resourceA, action)
}

// isNull checks an attribute of resourceA.
func isNull(attribute string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(resourceA, tfjsonpath.New(attribute), knownvalue.Null())
}

// hasLabels checks the labels in resourceA, all of them.
func hasLabels(want map[string]string) statecheck.StateCheck {
	labels := map[string]knownvalue.Check{}
	for id, label := range want {
		labels[id] = knownvalue.StringExact(label)
	}
	return statecheck.ExpectKnownValue(resourceA, tfjsonpath.New("agents"), knownvalue.MapExact(labels))
}
