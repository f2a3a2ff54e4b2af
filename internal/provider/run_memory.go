package provider

import (
	"fmt"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// runMemory is what this process of the provider knows of the run. A CLI plans
// with one process, which sees every resource of the provider block, and applies
// with another, which sees those that change.
type runMemory struct {
	maxRemovals int // negative: no limit

	mu        sync.Mutex
	leaving   idSet                         // agents that plans send to unsetCad
	staying   idSet                         // agents that plans keep and do not send again
	confirmed map[string]deepcall.Operation // what this process has done last, by agent
	leftOn    map[string][][]string         // by key, what the destroy half of each replacement left on

	// By the key of an object, agents that leave it and that its plan would send to
	// unsetCad by the value of unset_on_removal in state, but not by the new one.
	letGo sync.Map
}

func newRunMemory(maxRemovals int) *runMemory {
	return &runMemory{
		maxRemovals: maxRemovals, leaving: idSet{}, staying: idSet{},
		confirmed: map[string]deepcall.Operation{}, leftOn: map[string][][]string{},
	}
}

// plan notes what the plan of one resource does with agents that it has enabled:
// it sends those that leave to unsetCad, and keeps those that stay without
// sending them again. An agent of which another resource's plan says the opposite
// is an error at the attribute at; so, once, is a number of removals that exceeds
// the limit.
func (m *runMemory) plan(at path.Path, leave, stay []string) (diags diag.Diagnostics) {
	leave = m.not(deepcall.Set, leave)
	m.mu.Lock()
	defer m.mu.Unlock()
	if conflicts := slices.Concat(m.leaving.has(stay), m.staying.has(leave)); len(conflicts) > 0 {
		diags.AddAttributeError(at, "Agent removed here but listed elsewhere", fmt.Sprintf(
			"One resource, with unset_on_removal = true, would disable CAD for %s that another resource of the same provider block still lists: %s\n\n"+
				"This resource is one of the two; a provider does not know the names of resources. To resolve this, choose one:\n\n"+
				"  - To keep CAD enabled, change `triggers` in the resource that still lists them. It sends them again, and the other one drops them.\n"+
				"  - To disable CAD, remove them from the resource that still lists them, too.\n"+
				"  - To stop managing all agents of the resource that would disable CAD, use a `removed` block with `destroy = false` (or `terraform state rm`), or set "+
				"unset_on_removal = false in it, unless it is being replaced. With the latter, other agents that are removed from it keep CAD, too.", agents(len(conflicts)), listIDs(conflicts)))
	}
	before := len(m.leaving)
	m.leaving.add(leave)
	m.staying.add(stay)
	if limit := m.maxRemovals; limit >= 0 && before <= limit && len(m.leaving) > limit {
		diags.AddAttributeError(at, "Too many removals", fmt.Sprintf(
			"This plan would disable CAD for at least %s, but max_removals in the provider block is %d.\n\n"+
				"Check that the list of agents is complete. If the removals are intended, raise max_removals.", agents(len(m.leaving)), limit))
	}
	return diags
}

// planCreate is about the plan of a create. If it follows the plan of an update to
// the same object, that is replaced. If the replacement creates first, state
// decides what becomes of agents that leave, without a note; a provider does not
// know the order, so they count.
func (m *runMemory) planCreate(at path.Path, planned []string) diag.Diagnostics {
	found, _ := m.letGo.Load(replacementKey(planned))
	leave, _ := found.([]string)
	return m.plan(at, leave, nil)
}

// confirm notes what this process has done. It disables no agent that it has
// enabled.
func (m *runMemory) confirm(operation deepcall.Operation, ids []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		m.confirmed[id] = operation
	}
}

// not returns the agents that this process has not enabled, or disabled, last.
func (m *runMemory) not(operation deepcall.Operation, ids []string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		last, found := m.confirmed[id]
		return found && last == operation
	})
}

// leave notes agents that the destroy half of a replacement left on.
func (m *runMemory) leave(key string, ids []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.leftOn[key] = append(m.leftOn[key], ids)
}

// takeOver returns them to the create half, without any that have left another
// resource meanwhile and are off. Replacements that list the same agents share a
// key; each takes over what one of them left on. One whose agents were not known
// while planning takes over from one that had an agent of its own.
func (m *runMemory) takeOver(planned []string) []string {
	m.mu.Lock()
	key, i := replacementKey(planned), 0
	if len(m.leftOn[key]) == 0 {
		key, i = "", slices.IndexFunc(m.leftOn[""], func(ids []string) bool { return len(without(ids, planned)) < len(ids) })
	}
	var left []string
	if i >= 0 {
		left = m.leftOn[key][i]
		m.leftOn[key] = slices.Delete(m.leftOn[key], i, i+1)
	}
	m.mu.Unlock()
	return m.not(deepcall.Unset, left)
}

// idSet is a set of agent IDs.
type idSet map[string]bool

func (s idSet) add(ids []string) {
	for _, id := range ids {
		s[id] = true
	}
}

// has returns those of ids that are in s.
func (s idSet) has(ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !s[id] })
}

// without returns those of ids that are not among others.
func without(ids, others []string) []string {
	s := idSet{}
	s.add(others)
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return s[id] })
}
