package deepcalltest

import (
	"maps"
	"slices"
)

// agents is what the server knows of single agents.
type agents struct {
	enabled map[string]bool   // CAD is on
	refused map[string]string // message, until accepted
	busy    map[string]int    // how many times still "already in processing"
	whole   []string          // a request that names any of these is refused as a whole
}

// Enabled are the agents with CAD on, sorted.
func (s *Server) Enabled() (ids []string) {
	s.locked(func() { ids = slices.Sorted(maps.Keys(s.agents.enabled)) })
	return ids
}

// Enable turns CAD on behind the client's back.
func (s *Server) Enable(ids ...string) { s.locked(func() { s.agents.apply(setCad, ids) }) }

// Disable turns CAD off behind the client's back.
func (s *Server) Disable(ids ...string) { s.locked(func() { s.agents.apply(unsetCad, ids) }) }

// Refuse puts these agents into errors with the message from now on, whichever
// endpoint is asked.
func (s *Server) Refuse(message string, ids ...string) {
	s.forEach(ids, func(id string) { s.agents.refused[id] = message })
}

// Busy refuses each of these agents with "Data already in processing", the
// documented text of code 1501, the next n times it is worked on.
func (s *Server) Busy(n int, ids ...string) {
	s.forEach(ids, func(id string) { s.agents.busy[id] = n })
}

// Accept takes back Refuse and Busy.
func (s *Server) Accept(ids ...string) {
	s.forEach(ids, func(id string) {
		delete(s.agents.refused, id)
		delete(s.agents.busy, id)
	})
}

// SetWholeRefusal refuses every request that names any of these agents as a
// whole, with code 1000. It replaces what was set before; no IDs turn it off.
func (s *Server) SetWholeRefusal(ids ...string) { s.locked(func() { s.agents.whole = ids }) }

func (s *Server) forEach(ids []string, do func(id string)) {
	s.locked(func() {
		for _, id := range ids {
			do(id)
		}
	})
}

// result is what becomes of one agent, and what the answer says of it. The two
// agree unless a fault makes them differ.
type result struct {
	agent   string
	done    bool     // its state on the server changes
	busy    bool     // refused because of Busy
	updated []string // status of each of its entries in updatedAgents
	errors  []string // message of each of its entries in errors
}

// judge gives the results for agents in the order asked, each agent once.
func (a agents) judge(ids []string) []result {
	var results []result
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		switch message, refused := a.refused[id]; {
		case refused:
			results = append(results, result{agent: id, errors: []string{message}})
		case a.busy[id] > 0:
			results = append(results, result{agent: id, errors: []string{"Data already in processing"}, busy: true})
		default:
			results = append(results, result{agent: id, updated: []string{success}, done: true})
		}
	}
	return results
}

func (a agents) apply(endpoint string, ids []string) {
	for _, id := range ids {
		if endpoint == setCad {
			a.enabled[id] = true
		} else {
			delete(a.enabled, id)
		}
	}
}
