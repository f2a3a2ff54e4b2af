package chaos_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
	"github.com/deepcall/terraform-provider-deepcall/internal/protocoltest"
)

// history is what happens to one configuration, its state and its server.
type history struct {
	t       *seeded
	rng     *rand.Rand
	options []deepcalltest.Option // of the server
	login   deepcalltest.Credentials

	inOrder bool // one resource at a time, and one request
	gentle  bool // no fault that leaves a request behind

	runs    uint64
	wishes  map[string]*wish
	moved   string // the resource that agents have moved to
	state   []*held
	enabled []string // the agents with CAD on
	// unsure are agents in state for which unsetCad was asked, in a way that
	// left them there: its answer or the new state was lost, or another resource
	// had a claim to the agent too. They may be off; see DESIGN.md.
	unsure idSet
}

// held is an object in state.
type held struct {
	name    string // of its resource
	object  object
	tainted bool
	deposed bool // replaced create-before-destroy, and not yet destroyed
}

// wish is what the configuration says of one resource.
type wish struct {
	agents      []string // sorted
	labelled    bool
	label       string
	triggers    string // "": none
	unset       string // "": not given
	timeouts    object
	createFirst bool     // the lifecycle's create_before_destroy
	ignored     []string // the lifecycle's ignore_changes
}

func (w wish) config() object {
	config := object{}
	if w.labelled {
		labels := map[string]string{}
		for _, id := range w.agents {
			labels[id] = w.label + id
		}
		config["agents"] = labels
	} else {
		config["agent_ids"] = w.agents
	}
	if w.triggers != "" {
		config["triggers"] = map[string]string{"at": w.triggers}
	}
	if w.unset != "" {
		config["unset_on_removal"] = w.unset == "true"
	}
	if w.timeouts != nil {
		config["timeouts"] = w.timeouts
	}
	return config
}

// withDefaults is what the provider plans for a configuration.
func withDefaults(config object) object {
	planned := maps.Clone(config)
	if config != nil && config["unset_on_removal"] == nil {
		planned["unset_on_removal"] = false
	}
	return planned
}

// agentPool are the agents that the histories are about.
var agentPool = []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}

func newHistory(t *seeded) *history {
	rng := rand.New(rand.NewPCG(t.seed, 0)) //nolint:gosec // G404: it is to replay, not to surprise.
	h := &history{
		t: t, rng: rng, login: anyOf(rng, canaryLogins...), inOrder: rng.IntN(2) == 0, gentle: rng.IntN(4) == 0,
		wishes: map[string]*wish{}, unsure: idSet{},
	}
	if rng.IntN(8) == 0 {
		h.options = append(h.options, deepcalltest.WithMaxAgents(1+rng.IntN(3)))
	}
	if rng.IntN(4) == 0 {
		h.options = append(h.options, deepcalltest.WithPrefix("/deepcall"))
	}
	if h.gentle { // so that requests meet each other
		h.options = append(h.options, deepcalltest.WithLatency(3*time.Millisecond))
	}
	return h
}

func (h *history) run() {
	for range 2 + h.rng.IntN(5) {
		for range 1 + h.rng.IntN(3) {
			h.changeConfiguration()
		}
		if h.rng.IntN(4) == 0 && len(h.state) > 0 {
			h.changeState()
		}
		r := h.anyRun()
		r.planAndApply()
		if r.problem == noLists || r.problem == twoLists {
			h.edit(func(w *wish) { w.ignored = nil })
		}
	}
	h.finish()
}

// edit changes every resource in the configuration.
func (h *history) edit(how func(*wish)) {
	for _, w := range h.wishes {
		how(w)
	}
}

// names are the resources in the configuration.
func (h *history) names() []string { return slices.Sorted(maps.Keys(h.wishes)) }

func (h *history) newName() string { return fmt.Sprintf("r%d-%d", h.runs, h.rng.IntN(1000)) }

// changeConfiguration is one edit by the user. An agent stands in one resource
// at a time.
func (h *history) changeConfiguration() {
	names, free := h.names(), h.free()
	if len(names) == 0 || len(names) < 4 && h.rng.IntN(5) == 0 {
		if len(free) > 0 {
			h.wishes[h.newName()] = &wish{
				agents: sortedIDs(someOf(h.rng, free)), labelled: h.rng.IntN(3) == 0,
				unset: anyOf(h.rng, "", "false", "true", "true"), createFirst: h.rng.IntN(2) == 0,
			}
		}
		return
	}
	name := anyOf(h.rng, names...)
	w := h.wishes[name]
	switch h.rng.IntN(13) {
	case 0:
		delete(h.wishes, name)
	case 1: // renamed, without a moved block
		delete(h.wishes, name)
		h.wishes[h.newName()] = w
	case 2:
		w.labelled = !w.labelled
	case 3:
		w.label += "x"
	case 4:
		w.triggers += "x"
	case 5:
		w.unset = anyOf(h.rng, "", "false", "true", "true")
	case 6:
		// A delete takes the timeout in state, which the end cannot change.
		if !h.gentle {
			w.timeouts = anyOf(h.rng, nil, object{"create": "1ms", "update": "4ms"}, object{"create": "15ms", "update": "1m", "delete": "1m"})
		}
	case 7:
		w.createFirst = !w.createFirst
	case 8:
		w.agents = sortedIDs(slices.Concat(w.agents, someOf(h.rng, free)))
	case 9:
		w.agents = sortedIDs(someOf(h.rng, w.agents))
	case 10, 12: // some agents move
		h.moved = anyOf(h.rng, names...)
		to, moving := h.wishes[h.moved], someOf(h.rng, w.agents)
		if to != w && len(moving) < len(w.agents) {
			to.agents, w.agents = sortedIDs(slices.Concat(to.agents, moving)), idsWithout(w.agents, moving)
		}
	case 11:
		w.ignored, w.labelled = someOf(h.rng, []string{"agent_ids", "agents", "triggers"}), h.rng.IntN(2) == 0
	}
}

// free are the agents that no resource wishes for.
func (h *history) free() []string {
	return slices.DeleteFunc(slices.Clone(agentPool), func(id string) bool { return h.wished()[id] })
}

// wished are the agents that the configuration wants.
func (h *history) wished() idSet {
	all := idSet{}
	for _, w := range h.wishes {
		for _, id := range w.agents {
			all[id] = true
		}
	}
	return all
}

// changeState is what users do to state by hand.
func (h *history) changeState() {
	n := h.rng.IntN(len(h.state))
	i := h.state[n]
	act := anyOf(h.rng, "untaint", "taint", "state rm", "state rm and import")
	if i.deposed {
		return
	}
	h.t.note("%s %s", act, i.name)
	switch act {
	case "state rm":
		h.state = slices.Delete(h.state, n, n+1)
	case "state rm and import": // an import is not verified, so what it says must be true
		ids := agentsOf(i.object)
		h.enabled = append(h.enabled, ids...)
		imported, found := protocoltest.Start(h.t).ImportState(strings.Join(ids, ","))
		if found.HaveError() || !slices.Equal(agentsOf(imported), ids) {
			h.t.Fatalf("the import of %q came to %v:\n%s", ids, imported, found)
		}
		i.object, i.tainted = imported, false
	default:
		i.tainted = act == "taint"
	}
}

func sortedIDs(ids []string) []string { return slices.Sorted(slices.Values(ids)) }

// finish ends a history: the faults stop, and Terraform brings state and server in
// line with the configuration.
func (h *history) finish() {
	h.edit(func(w *wish) { w.timeouts, w.ignored = nil, nil })
	h.converge("one more apply")
	h.server("after one more apply", true, h.wished(), h.unsure)

	// Triggers are the way to have everything as state says, without exception.
	h.edit(func(w *wish) { w.triggers, w.unset = "end", "true" })
	h.converge("new triggers")
	wished := h.wished()
	h.server("after new triggers", true, wished, nil)

	clear(h.wishes)
	h.converge("a destroy")
	h.server("after the destroy", false, wished, nil)
}

// server checks that these agents have CAD, or have not, but for some.
func (h *history) server(when string, on bool, ids, except idSet) {
	for id := range ids {
		if !except[id] && slices.Contains(h.enabled, id) != on {
			h.t.Fatalf("agent %s %s: CAD must be on: %t", id, when, on)
		}
	}
}

// converge applies once and finds configuration, state and server at one.
func (h *history) converge(what string) {
	r := h.newRun()
	done := r.planAndApply()
	if !done && r.problem == conflict { // what is listed is sent again, as the error advises
		h.edit(func(w *wish) { w.triggers = "resolve" })
		r = h.newRun()
		done = r.planAndApply()
	}
	if !done {
		h.t.Fatalf("%s without faults failed", what)
	}
	missing := h.names()
	for _, i := range h.state {
		w := h.wishes[i.name]
		if w == nil || i.tainted || i.deposed || !reflect.DeepEqual(i.object, withDefaults(w.config())) {
			h.t.Fatalf("%s without faults: state has %+v", what, i)
		}
		missing = idsWithout(missing, []string{i.name})
	}
	if len(missing) > 0 {
		h.t.Fatalf("%s without faults: state lacks %q", what, missing)
	}
	left := idSet{}
	for _, c := range r.changes {
		for _, op := range c.operations {
			for _, id := range agentPool {
				left[id] = left[id] || op.about(id, nil).toUnset
			}
		}
	}
	maps.DeleteFunc(left, func(_ string, leaves bool) bool { return !leaves })
	h.server("that left by "+what, false, left, h.wished())
}
