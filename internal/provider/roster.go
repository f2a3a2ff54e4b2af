package provider

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
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
func rosterOf(agentIDs types.Set, agents types.Map) (r roster, known bool) {
	if agentIDs.IsUnknown() || agents.IsUnknown() {
		return roster{}, false
	}
	if !agents.IsNull() {
		r = roster{labelled: true, labels: make(map[string]string, len(agents.Elements()))}
		for id, label := range agents.Elements() {
			r.ids = append(r.ids, id)
			r.labels[id] = label.(types.String).ValueString()
		}
		slices.SortFunc(r.ids, compareIDs)
		return r, true
	}
	for _, v := range agentIDs.Elements() {
		id := v.(types.String)
		if id.IsUnknown() {
			return roster{}, false
		}
		r.ids = append(r.ids, id.ValueString())
	}
	return r, true
}

// values are the attributes that hold r.
func (r roster) values() (agentIDs types.Set, agents types.Map) {
	if r.labelled {
		labels := make(map[string]attr.Value, len(r.ids))
		for _, id := range r.ids {
			labels[id] = types.StringValue(r.labels[id])
		}
		return types.SetNull(types.StringType), types.MapValueMust(types.StringType, labels)
	}
	ids := make([]attr.Value, 0, len(r.ids))
	for _, id := range r.ids {
		ids = append(ids, types.StringValue(id))
	}
	return types.SetValueMust(types.StringType, ids), types.MapNull(types.StringType)
}
