package provider

import (
	"slices"
	"sync"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// runMemory is what this process of the provider knows of the run. A CLI plans
// with one process, which sees every resource of the provider block, and applies
// with another, which sees those that change.
type runMemory struct {
	maxRemovals int // negative: no limit

	mu        sync.Mutex
	exceeded  bool                          // plans exceed the limit, and that was reported
	leaving   idSet                         // agents that plans send to unsetCad
	staying   idSet                         // agents that plans keep and do not send again
	confirmed map[string]deepcall.Operation // what this process has done last, by agent

	leftOn map[string][][]string // by the key of replacements, what the destroy half of each left on
}

func newRunMemory(maxRemovals int) *runMemory {
	return &runMemory{
		maxRemovals: maxRemovals, leaving: idSet{}, staying: idSet{},
		confirmed: map[string]deepcall.Operation{}, leftOn: map[string][][]string{},
	}
}

// plan notes what the plan of one resource does with agents that it has enabled:
// it sends those that leave to unsetCad, and keeps those that stay without
// sending them again. It returns the agents of which another resource's plan
// says the opposite, and, once, a number of removals that exceeds the limit.
func (m *runMemory) plan(leave, stay []string) (conflicts []string, tooMany int) {
	leave = m.not(deepcall.Set, leave)
	m.mu.Lock()
	defer m.mu.Unlock()
	conflicts = slices.Concat(m.leaving.has(stay), m.staying.has(leave))
	m.leaving.add(leave)
	m.staying.add(stay)
	if m.maxRemovals < 0 || len(m.leaving) <= m.maxRemovals || m.exceeded {
		return conflicts, 0
	}
	m.exceeded = true
	return conflicts, len(m.leaving)
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
// key; each takes over what one of them left on.
func (m *runMemory) takeOver(key string) []string {
	m.mu.Lock()
	left := m.leftOn[key]
	m.leftOn[key] = left[min(1, len(left)):]
	m.mu.Unlock()
	if len(left) == 0 {
		return nil
	}
	return m.not(deepcall.Unset, left[0])
}

// idSet is a set of agent IDs.
type idSet map[string]bool

func setOf(ids []string) idSet {
	s := make(idSet, len(ids))
	s.add(ids)
	return s
}

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
	s := setOf(others)
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return s[id] })
}
