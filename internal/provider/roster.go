package provider

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"
)

// roster is the agents of one configuration, plan or state, whichever of the
// two attributes holds them.
type roster struct {
	labelled bool              // `agents`; else `agent_ids`
	ids      []string          // each once
	labels   map[string]string // of `agents`
}

// path is the attribute that holds the agents.
func (r roster) path() path.Path {
	if r.labelled {
		return path.Root("agents")
	}
	return path.Root("agent_ids")
}

// without returns the agents of r that are not among others, in r's order.
func (r roster) without(others []string) []string {
	other := setOf(others)
	return slices.DeleteFunc(slices.Clone(r.ids), func(id string) bool {
		_, found := other[id]
		return found
	})
}

// record is what r becomes once the agents in dropped have left and those of
// the plan have been recorded as far as they were confirmed, now or before. It
// takes the plan's form: its attribute, its labels.
func (r roster) record(plan roster, confirmed, dropped []string) roster {
	keep := setOf(r.without(dropped))
	for _, id := range confirmed {
		keep[id] = struct{}{}
	}
	next := roster{labelled: plan.labelled, labels: map[string]string{}}
	take := func(from roster) {
		for _, id := range from.ids {
			if _, ok := keep[id]; ok {
				delete(keep, id)
				next.ids = append(next.ids, id)
				next.labels[id] = from.labels[id]
			}
		}
	}
	take(plan)
	take(r) // what should have left and could not, with its old label
	return next
}

func setOf(ids []string) map[string]struct{} {
	set := make(map[string]struct{}, len(ids))
	for _, id := range ids {
		set[id] = struct{}{}
	}
	return set
}

// rosterOf reads the attributes. known is false while either, or an agent ID in
// one, is to be known after apply.
func rosterOf(agentIDs agentSetValue, agents agentMapValue) (r roster, known bool) {
	if agentIDs.IsUnknown() || agents.IsUnknown() {
		return roster{}, false
	}
	if !agents.IsNull() {
		ids, _ := agents.IDs()
		labels, _ := agents.Labels()
		slices.SortFunc(ids, compareIDs)
		return roster{labelled: true, ids: ids, labels: labels}, true
	}
	ids, complete := agentIDs.IDs()
	return roster{ids: ids}, complete || agentIDs.IsNull()
}

// values are the attributes that hold r.
func (r roster) values() (agentIDs agentSetValue, agents agentMapValue) {
	if !r.labelled {
		return newAgentSet(r.ids), agentMapValue{}
	}
	labels := make(map[string]string, len(r.ids))
	for _, id := range r.ids {
		labels[id] = r.labels[id]
	}
	return agentSetValue{}, newAgentMap(labels)
}
