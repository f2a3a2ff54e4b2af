package chaos_test

import (
	"maps"
	"reflect"
	"slices"
)

// plan plans what is in state or in the configuration, in any order.
func (r *run) plan() {
	defer r.cancel()
	for _, c := range r.changes {
		r.judge(r.process.PlanAction(c.name, c.config), operation{planned: c.config})
	}
	if r.actionsOnly {
		return
	}
	r.rng.Shuffle(len(r.state), func(i, j int) { r.state[i], r.state[j] = r.state[j], r.state[i] })
	missing := r.names()
	for _, i := range r.state {
		if read, found := r.process.Read(i.object); !reflect.DeepEqual(read, i.object) || len(found) > 0 {
			r.t.Fatalf("%s: refresh made %v of %v, and said %v", i.name, read, i.object, found)
		}
		if !i.deposed {
			missing = idsWithout(missing, []string{i.name})
		}
		r.planChange(i.name, i)
	}
	for _, name := range missing {
		r.planChange(name, nil)
	}
}

// planChange plans what is to become of an object in state, or of a resource
// that has none.
func (r *run) planChange(name string, i *held) {
	if r.targets != nil && !slices.Contains(r.targets, name) {
		return
	}
	c := &change{name: name, held: i, does: doDestroy}
	r.changes = append(r.changes, c)
	w := r.wishes[name]
	if w == nil || i != nil && i.deposed {
		r.planOne(i.object, nil)
		return
	}
	c.config, c.first, c.ignored = w.config(), w.createFirst, w.ignored
	if found := r.process.Validate(c.config); len(found) > 0 {
		r.t.Fatalf("%s: %v is not valid:\n%s", name, c.config, found)
	}
	if i != nil && !i.tainted { // one that is tainted is planned without its prior state
		c.does = doUpdate
		if to, _ := r.planOne(i.object, c.configBeside(i.object)); reflect.DeepEqual(to.State, i.object) {
			c.does = doNothing
		}
	}
	switch {
	case i == nil:
		c.does = doCreate
	case i.tainted || slices.Contains(r.replace, name):
		c.does = doReplace
	default:
		return
	}
	c.anew, _ = r.planOne(nil, c.config)
}

// configBeside is the configuration that core plans with: what it ignores is as
// in the prior object.
func (c *change) configBeside(prior object) object {
	config := maps.Clone(c.config)
	for _, name := range c.ignored {
		if config[name] = prior[name]; prior[name] == nil {
			delete(config, name)
		}
	}
	return config
}

// planOne plans and checks that the plan is what the configuration says, unless
// something is wrong with that.
func (r *run) planOne(prior, config object) (to planned, ok bool) {
	expected := withDefaults(config)
	to, found := r.process.Plan(prior, config)
	if !r.judge(found, operation{prior: prior, planned: expected}) {
		return to, false
	}
	if len(to.Replace) > 0 || !reflect.DeepEqual(to.State, expected) {
		r.t.Fatalf("from %v to %v: planned %v, replacement because of %v:\n%s", prior, config, to.State, to.Replace, found)
	}
	return to, true
}

// The errors of a plan that the configuration is to blame for.
const (
	conflict = "Agent removed here but listed elsewhere"
	noLists  = "No agents"
	twoLists = "Conflicting agent lists"
)

// judge reports whether a plan found nothing wrong. It must find what is wrong,
// and nothing else.
func (r *run) judge(found diagnostics, op operation) bool {
	r.checkDiagnostics(found)
	var problems []string
	switch {
	case op.planned["agent_ids"] != nil && op.planned["agents"] != nil:
		problems = []string{twoLists}
	case op.planned != nil && len(agentsOf(op.planned)) == 0:
		problems = []string{noLists}
	case r.applying && slices.Contains(found.Errors(), conflict), !r.applying && r.clashes(op):
		problems = []string{conflict}
	}
	if !slices.Equal(found.Errors(), problems) {
		r.t.Fatalf("the plan from %v to %v must fail with %q:\n%s", op.prior, op.planned, problems, found)
	}
	if len(problems) == 0 {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problem = problems[0]
	return false
}

// clashes reports whether one object is to lose CAD for an agent that another
// one keeps.
func (r *run) clashes(op operation) (found bool) {
	if op.prior == nil {
		return false
	}
	for _, id := range agentsOf(op.prior) {
		f := op.about(id, nil)
		stays := f.next && !f.toSet
		found = found || f.toUnset && r.staying[id] || stays && r.leaving[id]
		r.leaving[id] = r.leaving[id] || f.toUnset
		r.staying[id] = r.staying[id] || stays
	}
	return found
}
