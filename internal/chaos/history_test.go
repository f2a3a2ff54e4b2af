package chaos_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// history is what happens to one configuration, its state and its server.
type history struct {
	t     *seeded
	rng   *rand.Rand
	api   *deepcalltest.Server
	login deepcalltest.Credentials
	log   chaosLog

	inOrder bool // one resource at a time, and one request
	gentle  bool // no fault that leaves a request behind

	run    uint64
	began  time.Time // the current run
	wishes map[string]wish
	state  map[string]heldInstance
	// unsure are agents in state for which unsetCad was asked, in a way that
	// left them there: its answer or the new state was lost, or another resource
	// had a claim to the agent too. They may be off; see DESIGN.md.
	unsure idSet
	// late are agents of a request that its run had given up, and that the
	// server came to only during the next one.
	late idSet

	changes   []*graphChange // of the current run
	planError string         // the plan's, where the configuration is to blame
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

// agents that the histories are about. Not all are numbers, and none is the
// beginning of a credential.
var agentPool = []string{"1", "14", "007", "27", "a-1", "ä ö", "<&>", `q"u`, "2147483648", "c,d"}

func newHistory(t *seeded) *history {
	rng := rand.New(rand.NewPCG(t.seed, 0)) //nolint:gosec // G404: it is to replay, not to surprise.
	var options []deepcalltest.Option
	if rng.IntN(8) == 0 {
		options = append(options, deepcalltest.WithMaxAgents(1+rng.IntN(3)))
	}
	if rng.IntN(4) == 0 {
		options = append(options, deepcalltest.WithPrefix("/deepcall"))
	}
	gentle := rng.IntN(6) == 0
	if gentle { // so that requests meet each other
		options = append(options, deepcalltest.WithLatency(3*time.Millisecond))
	}
	api, err := deepcalltest.New(options...)
	if err != nil {
		t.Fatalf("starting the stand-in: %v", err)
	}
	return &history{
		t: t, rng: rng, api: api, login: anyOf(rng, canaryLogins...),
		inOrder: rng.IntN(2) == 0, gentle: gentle,
		wishes: map[string]wish{}, state: map[string]heldInstance{}, unsure: idSet{}, late: idSet{},
	}
}

func (h *history) play() {
	for range 2 + h.rng.IntN(5) {
		for range 1 + h.rng.IntN(3) {
			h.changeConfiguration()
		}
		if h.rng.IntN(4) == 0 {
			h.changeState()
		}
		h.changeServer()
		h.terraform(h.anyRun())
		if h.planError == noLists || h.planError == twoLists {
			h.edit(func(w *wish) { w.ignored = nil })
		}
	}
	h.calm()
}

// edit changes every resource in the configuration.
func (h *history) edit(how func(*wish)) {
	for name, w := range h.wishes {
		how(&w)
		h.wishes[name] = w
	}
}

// changeConfiguration is one edit by the user. An agent stands in one resource
// at a time.
func (h *history) changeConfiguration() {
	names := slices.Sorted(maps.Keys(h.wishes))
	if len(names) == 0 || len(names) < 4 && h.rng.IntN(5) == 0 {
		if free := h.free(); len(free) > 0 {
			h.wishes[h.newName()] = wish{
				agents: sortedIDs(someOf(h.rng, free)), labelled: h.rng.IntN(3) == 0,
				unset: anyOf(h.rng, "", "false", "true", "true"), createFirst: h.rng.IntN(2) == 0,
			}
		}
		return
	}
	name := anyOf(h.rng, names...)
	w := h.wishes[name]
	switch h.rng.IntN(12) {
	case 0:
		delete(h.wishes, name)
		return
	case 1: // renamed, without a moved block
		delete(h.wishes, name)
		name = h.newName()
	case 2:
		w.labelled = !w.labelled
	case 3:
		w.label += "x"
	case 4:
		w.triggers += "x"
	case 5:
		w.unset = anyOf(h.rng, "", "false", "true", "true")
	case 6:
		if h.gentle {
			return
		}
		// A delete takes the timeout in state, which the calm at the end cannot change.
		w.timeouts = anyOf(h.rng, nil, object{"create": "1ms", "update": "4ms"}, object{"create": "15ms", "update": "1m", "delete": "1m"})
	case 7:
		w.createFirst = !w.createFirst
	case 8:
		if free := h.free(); len(free) > 0 {
			w.agents = sortedIDs(slices.Concat(w.agents, someOf(h.rng, free)))
		}
	case 9:
		w.agents = sortedIDs(someOf(h.rng, w.agents))
	case 10: // some agents move
		to := anyOf(h.rng, names...)
		moving := someOf(h.rng, w.agents)
		if to == name || len(moving) == len(w.agents) {
			return
		}
		receiver := h.wishes[to]
		receiver.agents = sortedIDs(slices.Concat(receiver.agents, moving))
		h.wishes[to] = receiver
		w.agents = slices.DeleteFunc(slices.Clone(w.agents), func(id string) bool { return slices.Contains(moving, id) })
	case 11:
		w.ignored = someOf(h.rng, []string{"agent_ids", "agents", "triggers"})
	}
	h.wishes[name] = w
}

func (h *history) newName() string { return fmt.Sprintf("r%d-%d", h.run, h.rng.IntN(1000)) }

// free are the agents that no resource wishes for.
func (h *history) free() []string {
	return slices.DeleteFunc(slices.Clone(agentPool), func(id string) bool {
		for _, w := range h.wishes {
			if slices.Contains(w.agents, id) {
				return true
			}
		}
		return false
	})
}

// changeState is what users do to state by hand.
func (h *history) changeState() {
	names := slices.Sorted(maps.Keys(h.state))
	if len(names) == 0 {
		return
	}
	name := anyOf(h.rng, names...)
	i := h.state[name]
	switch h.rng.IntN(4) {
	case 0:
		h.t.tell("untaint %s", name)
		i.tainted = false
	case 1:
		h.t.tell("taint %s", name)
		i.tainted = i.current != nil
	case 2:
		h.t.tell("state rm %s", name)
		delete(h.state, name)
		return
	case 3:
		h.importAgain(name)
		return
	}
	h.state[name] = i
}

// importAgain takes a resource out of state and, if an import ID can name its
// agents, in again. An import is not verified, so what it says must be true.
func (h *history) importAgain(name string) {
	ids := agentsOf(h.state[name].current)
	if len(ids) == 0 || slices.Contains(ids, "c,d") {
		return
	}
	h.t.tell("state rm %s and import it", name)
	h.api.Enable(ids...)
	imported, found := h.provider("plan", terraformCall{batchSize: 1, concurrent: 1}).ImportState(strings.Join(ids, ","))
	if found.HaveError() || !slices.Equal(agentsOf(imported), ids) {
		h.t.Fatalf("the import of %q came to %v:\n%s", ids, imported, found)
	}
	h.state[name] = heldInstance{current: imported}
}

// changeServer is what others do to it, and what stays wrong for a while.
func (h *history) changeServer() {
	h.api.Accept(agentPool...)
	h.api.SetWholeRefusal()
	switch h.rng.IntN(6) {
	case 0:
		h.api.Refuse("Invalid AgentID", someOf(h.rng, agentPool)...)
	case 1:
		h.api.Busy(1+h.rng.IntN(5), someOf(h.rng, agentPool)...)
	case 2:
		h.api.SetWholeRefusal(anyOf(h.rng, agentPool...))
	}
}

func sortedIDs(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return ids
}
