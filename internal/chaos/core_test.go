package chaos_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
	"github.com/deepcall/terraform-provider-deepcall/internal/protocoltest"
)

// What follows does to the provider what Terraform's core does: a plan by one
// process of the provider, an apply by another, resources side by side.

// The provider as core speaks to it, in short names.
type (
	protocol    = protocoltest.Provider
	planned     = protocoltest.Planned
	object      = protocoltest.Object
	diagnostics = protocoltest.Diagnostics
)

// heldInstance is what state holds of one resource.
type heldInstance struct {
	current object // nil: none
	tainted bool
	deposed []object // replaced create-before-destroy, and not yet destroyed
}

// graphChange is what one node of the graph has to do, and did.
type graphChange struct {
	name       string
	does       doing
	prior      object // nil: none
	config     object // nil: none
	ignored    []string
	deposed    bool   // prior is
	first      bool   // create before destroy
	note       []byte // from the plan of a replacement's create half
	operations []appliedChange
}

type doing string

const (
	doNothing doing = "no-op"
	doCreate  doing = "create"
	doUpdate  doing = "update"
	doReplace doing = "replace"
	doDestroy doing = "delete"
	doInvoke  doing = "invoke" // an action, which name says
)

// appliedChange is what came of one ApplyResourceChange.
type appliedChange struct {
	prior, planned, after object
	becomes               object   // of the destroy half of a replacement, what the create half makes
	leftOn                []string // of the create half, what the destroy half left on
	found                 diagnostics
	lost                  bool // after is what the provider said, not what is in state
}

// terraform plans and applies. It returns whether the run succeeded.
func (h *history) terraform(o terraformCall) bool {
	h.run++
	h.began = time.Now()
	h.log.reset()
	if h.gentle { // else a run finds what an earlier one has given up
		h.api.ResetRequests()
	}
	before := maps.Clone(h.state)
	h.changes = h.plan(o)
	if n := len(h.requests("plan")); n > 0 {
		h.t.Fatalf("the plan sent %d requests", n)
	}
	if h.planError != "" || o.refreshOnly {
		h.t.tell("run %d: no apply; planning failed: %q", h.run, h.planError)
		return h.planError == ""
	}
	w := &applyWalk{h: h, o: o}
	w.apply()
	if o.ending == endCrashed && w.over.Load() {
		h.state = before
	}
	h.api.FailWhen(nil)
	h.checkRun(o, before)
	return !w.failed.Load()
}

// requests are those of the current run's process.
func (h *history) requests(process string) []deepcalltest.Request {
	return slices.DeleteFunc(h.api.Requests(), func(r deepcalltest.Request) bool { return !h.isOf(process, r) })
}

func (h *history) isOf(process string, r deepcalltest.Request) bool {
	return strings.HasSuffix(r.Header.Get("User-Agent"), h.version(process))
}

// version is what a process of the provider takes for Terraform's version, and
// repeats in every request.
func (h *history) version(process string) string { return fmt.Sprintf("%s-%d", process, h.run) }

// provider starts one as a process of its own would be started.
func (h *history) provider(process string, o terraformCall) *protocol {
	p := protocoltest.Start(h.t)
	p.Context = tflogtest.RootLogger(p.Context, &h.log)
	if h.t.seed%8 == 0 { // takes most of a run's time
		p.Context = tfsdklogtest.RootLogger(p.Context, &h.log)
	}
	block := object{
		"base_url": h.api.URL(), "batch_size": o.batchSize, "max_concurrent_requests": o.concurrent,
		"ssid": h.login.SSID, "user_id": h.login.UserID, "token": h.login.Token,
	}
	maps.Copy(block, o.block)
	maps.DeleteFunc(block, func(_ string, value any) bool { return value == "" })
	p.Version = h.version(process)
	if found := p.Configure(block); found != nil {
		h.t.Fatalf("%v: %s", o.block, found)
	}
	return p
}

func (h *history) plan(o terraformCall) []*graphChange {
	p := h.provider("plan", o)
	h.planError = ""
	for _, c := range o.actions {
		h.mayPlan(p.PlanAction(c.name, c.config), c.config)
	}
	changes := o.actions
	if o.actionsOnly {
		return changes
	}
	names := slices.Collect(maps.Keys(h.state))
	for name := range h.wishes {
		if _, ok := h.state[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		i := h.state[name]
		for _, d := range append([]object{i.current}, i.deposed...) {
			if d == nil {
				continue
			}
			if read, found := p.Read(d); !reflect.DeepEqual(read, d) || len(found) > 0 {
				h.t.Fatalf("%s: refresh made %v of %v, and said %v", name, read, d, found)
			}
		}
		if o.targets != nil && !slices.Contains(o.targets, name) {
			continue
		}
		for _, d := range i.deposed {
			changes = append(changes, &graphChange{name: name, does: doDestroy, prior: d, deposed: true})
			h.planOne(p, d, nil)
		}
		w, wished := h.wishes[name]
		c := &graphChange{name: name, prior: i.current, first: w.createFirst, ignored: w.ignored}
		if wished {
			c.config = w.config()
			if found := p.Validate(c.config); len(found) > 0 {
				h.t.Fatalf("%s: %v is not valid:\n%s", name, c.config, found)
			}
		}
		if c.prior == nil && !wished {
			continue
		}
		var to planned
		if !i.tainted || !wished { // one that is tainted is planned without its prior state
			to, _ = h.planOne(p, c.prior, c.configBeside(c.prior))
		}
		switch {
		case c.prior == nil:
			c.does = doCreate
		case !wished:
			c.does = doDestroy
		case i.tainted || slices.Contains(o.replace, name):
			c.does = doReplace
			anew, _ := h.planOne(p, nil, c.config)
			c.note = anew.Private
		case reflect.DeepEqual(to.State, c.prior):
			c.does = doNothing
		default:
			c.does = doUpdate
		}
		changes = append(changes, c)
	}
	return changes
}

// configBeside is the configuration that core plans with: what it ignores is as
// in the prior object.
func (c *graphChange) configBeside(prior object) object {
	if c.config == nil || prior == nil {
		return c.config
	}
	config := maps.Clone(c.config)
	for _, name := range c.ignored {
		if config[name] = prior[name]; prior[name] == nil {
			delete(config, name)
		}
	}
	return config
}

// The errors of a plan that the configuration is to blame for.
const (
	conflict = "Agent removed here but listed elsewhere"
	noLists  = "No agents"
	twoLists = "Conflicting agent lists"
)

// mayPlan reports whether a plan found nothing wrong with the configuration,
// which must have one list of agents.
func (h *history) mayPlan(found diagnostics, config object) bool {
	h.checkDiagnostics(found)
	var wrong []string
	switch {
	case config["agent_ids"] != nil && config["agents"] != nil:
		wrong = []string{twoLists}
	case config != nil && len(agentsOf(config)) == 0:
		wrong = []string{noLists}
	case slices.Equal(found.Errors(), []string{conflict}):
		wrong = []string{conflict}
	}
	if !slices.Equal(found.Errors(), wrong) {
		h.t.Fatalf("the plan of %v must fail with %q:\n%s", config, wrong, found)
	}
	if wrong != nil {
		h.planError = wrong[0]
	}
	return wrong == nil
}

// planOne plans and checks that the plan is what the configuration says, or
// reports false: see mayPlan.
func (h *history) planOne(p *protocol, prior, config object) (to planned, ok bool) {
	to, found := p.Plan(prior, config)
	if !h.mayPlan(found, config) {
		return to, false
	}
	var expected object
	if config != nil {
		expected = maps.Clone(config)
		if expected["unset_on_removal"] == nil {
			expected["unset_on_removal"] = false
		}
	}
	if len(to.Replace) > 0 || !reflect.DeepEqual(to.State, expected) {
		h.t.Fatalf("from %v to %v: planned %v, replacement because of %v:\n%s", prior, config, to.State, to.Replace, found)
	}
	return to, true
}
