package provider

import (
	"slices"
	"sync"
)

// runMemory is what this process of the provider knows of the run. A CLI plans
// with one process, which sees every resource of the provider block, and applies
// with another, which sees those that change.
type runMemory struct {
	maxRemovals int // negative: no limit

	mu        sync.Mutex
	exceeded  bool                // plans exceed the limit, and that was reported
	leaving   map[string]struct{} // agents that plans send to unsetCad
	staying   map[string]struct{} // agents that plans keep and do not send again
	unindexed [][]string          // the same, until somebody asks
	confirmed map[string]struct{} // agents that this process has enabled

	leftOn map[string][][]string // by the key of replacements, what the destroy half of each left on
}

func newRunMemory(maxRemovals int) *runMemory {
	return &runMemory{
		maxRemovals: maxRemovals, leaving: map[string]struct{}{}, staying: map[string]struct{}{},
		confirmed: map[string]struct{}{}, leftOn: map[string][][]string{},
	}
}

// plan notes what the plan of one resource does with agents that it has enabled:
// it sends those that leave to unsetCad, and keeps those that stay without
// sending them again. It returns the agents of which another resource's plan
// says the opposite, and, once, a number of removals that exceeds the limit.
func (m *runMemory) plan(leave, stay []string) (conflicts []string, tooMany int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	leave = slices.DeleteFunc(slices.Clone(leave), func(id string) bool { return contains(m.confirmed, id) })
	conflicts = among(stay, m.leaving)
	m.unindexed = append(m.unindexed, stay)
	if len(leave) == 0 {
		return conflicts, 0
	}
	for _, ids := range m.unindexed {
		for _, id := range ids {
			m.staying[id] = struct{}{}
		}
	}
	m.unindexed = nil
	conflicts = append(conflicts, among(leave, m.staying)...)
	for _, id := range leave {
		m.leaving[id] = struct{}{}
	}
	if m.maxRemovals < 0 || len(m.leaving) <= m.maxRemovals || m.exceeded {
		return conflicts, 0
	}
	m.exceeded = true
	return conflicts, len(m.leaving)
}

// unconfirmed returns the agents that this process has not enabled.
func (m *runMemory) unconfirmed(ids []string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return contains(m.confirmed, id) })
}

// confirm notes agents that this process has enabled.
func (m *runMemory) confirm(ids []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		m.confirmed[id] = struct{}{}
	}
}

// leave notes agents that the destroy half of a replacement left on.
func (m *runMemory) leave(key string, ids []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.leftOn[key] = append(m.leftOn[key], ids)
}

// disable notes agents that this process has disabled: one that the destroy half
// of a replacement left on may have left another resource.
func (m *runMemory) disable(ids []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, replacements := range m.leftOn {
		for i, left := range replacements {
			replacements[i] = agentList{ids: left}.without(ids)
		}
	}
}

// takeOver returns them to the create half. Replacements that list the same
// agents share a key; each takes over what one of them left on.
func (m *runMemory) takeOver(key string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	replacements := m.leftOn[key]
	if len(replacements) == 0 {
		return nil
	}
	m.leftOn[key] = replacements[1:]
	return replacements[0]
}

func contains(set map[string]struct{}, id string) bool {
	_, found := set[id]
	return found
}

func among(ids []string, set map[string]struct{}) (found []string) {
	if len(set) == 0 {
		return nil
	}
	for _, id := range ids {
		if contains(set, id) {
			found = append(found, id)
		}
	}
	return found
}
