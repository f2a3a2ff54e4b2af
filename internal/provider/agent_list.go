package provider

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/deepcall/terraform-provider-deepcall/internal/roster"
)

// agentList is the agents of one configuration, plan or state, whichever of the
// two attributes holds them.
type agentList struct {
	labeled bool              // `agents`; else `agent_ids`
	ids     []string          // each once, in the order of roster.Compare
	labels  map[string]string // of `agents`
}

// agentsOf reads the attributes. known is false while either of them, or an
// agent ID in one, is to be known after apply.
func agentsOf(agentIDs types.Set, agents types.Map) (list agentList, known bool) {
	if agentIDs.IsUnknown() || agents.IsUnknown() {
		return agentList{}, false
	}
	known = true
	if agents.IsNull() {
		for _, e := range elementsOfSet(agentIDs) {
			if e.Null || e.Unknown {
				known = false
				continue
			}
			list.ids = append(list.ids, e.Value)
		}
	} else {
		list.labeled, list.labels = true, map[string]string{}
		for _, e := range elementsOfMap(agents) {
			list.ids = append(list.ids, e.Key)
			list.labels[e.Key] = e.Value
		}
	}
	slices.SortFunc(list.ids, roster.Compare)
	return list, known
}

// elementsOfSet returns the elements of a set. The only one may be packed: see
// package roster.
func elementsOfSet(set types.Set) []roster.Element {
	values := set.Elements()
	if len(values) == 1 {
		if unpacked, ok := roster.Unpack(elementOf("", values[0]).Value); ok {
			return unpacked
		}
	}
	elements := make([]roster.Element, len(values))
	for i, value := range values {
		elements[i] = elementOf("", value)
	}
	return elements
}

// elementsOfMap returns the elements of a map, as elementsOfSet does.
func elementsOfMap(m types.Map) []roster.Element {
	values := m.Elements()
	if packed, ok := values[roster.Key]; ok {
		if unpacked, ok := roster.Unpack(elementOf("", packed).Value); ok {
			return unpacked
		}
	}
	elements := make([]roster.Element, 0, len(values))
	for key, value := range values {
		elements = append(elements, elementOf(key, value))
	}
	return elements
}

func elementOf(key string, value attr.Value) roster.Element {
	text, _ := value.(types.String)
	return roster.Element{Key: key, Value: text.ValueString(), Null: value.IsNull(), Unknown: value.IsUnknown()}
}

// values are the attributes that hold the list, packed.
func (l agentList) values() (agentIDs types.Set, agents types.Map) {
	if l.labeled {
		packed := types.StringValue(roster.PackMap(l.ids, l.labels))
		return types.SetNull(types.StringType), types.MapValueMust(types.StringType, map[string]attr.Value{roster.Key: packed})
	}
	packed := types.StringValue(roster.PackSet(l.ids))
	return types.SetValueMust(types.StringType, []attr.Value{packed}), types.MapNull(types.StringType)
}

// path is the attribute that holds the agents.
func (l agentList) path() path.Path {
	if l.labeled {
		return path.Root(agentsAttribute)
	}
	return path.Root(agentIDsAttribute)
}

// without returns the agents of l that are not among others, in l's order.
func (l agentList) without(others []string) []string {
	other := setOf(others)
	return slices.DeleteFunc(slices.Clone(l.ids), func(id string) bool {
		_, found := other[id]
		return found
	})
}

// record is what l becomes once the agents in dropped have left and those of
// the plan have been recorded as far as they were confirmed, now or before. It
// takes the plan's form: its attribute, its labels.
func (l agentList) record(plan agentList, confirmed, dropped []string) agentList {
	keep := setOf(l.without(dropped))
	for _, id := range confirmed {
		keep[id] = struct{}{}
	}
	next := agentList{labeled: plan.labeled, labels: map[string]string{}}
	take := func(from agentList) {
		for _, id := range from.ids {
			if _, ok := keep[id]; ok {
				delete(keep, id)
				next.ids = append(next.ids, id)
				next.labels[id] = from.labels[id]
			}
		}
	}
	take(plan)
	take(l) // what should have left and could not, with its old label
	return next
}

func setOf(ids []string) map[string]struct{} {
	set := make(map[string]struct{}, len(ids))
	for _, id := range ids {
		set[id] = struct{}{}
	}
	return set
}
