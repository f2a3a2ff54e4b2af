package provider

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
	"github.com/deepcall/terraform-provider-deepcall/internal/roster"
)

// agentsModel is the two attributes of the resource and the actions of which
// one holds the agents.
type agentsModel struct {
	AgentIDs types.Set `tfsdk:"agent_ids"`
	Agents   types.Map `tfsdk:"agents"`
}

const (
	agentIDsAttribute = "agent_ids"
	agentsAttribute   = "agents"
)

// agentList is the agents of one configuration, plan or state, whichever of the
// two attributes holds them.
type agentList struct {
	ids    []string          // each once, in the order of roster.Compare
	labels map[string]string // of `agents`; nil for `agent_ids`
}

// list reads the attributes. known is false while either of them, or an agent ID
// in one, is to be known after apply.
func (m agentsModel) list() (list agentList, known bool) {
	if m.AgentIDs.IsUnknown() || m.Agents.IsUnknown() {
		return agentList{}, false
	}
	known = true
	if m.Agents.IsNull() {
		for _, e := range elementsOfSet(m.AgentIDs) {
			if e.Null || e.Unknown {
				known = false
				continue
			}
			list.ids = append(list.ids, e.ID)
		}
	} else {
		list.labels = map[string]string{}
		for _, e := range elementsOfMap(m.Agents) {
			list.ids = append(list.ids, e.ID)
			list.labels[e.ID] = e.Label
		}
	}
	slices.SortFunc(list.ids, roster.Compare)
	return list, known
}

// checkOne checks that exactly one of the attributes is set. Validation of the
// configuration is not enough: core applies ignore_changes later.
func (m agentsModel) checkOne() diag.Diagnostics {
	switch {
	case m.AgentIDs.IsUnknown() || m.Agents.IsUnknown():
	case m.AgentIDs.IsNull() && m.Agents.IsNull():
		return diag.Diagnostics{noAgents}
	case !m.AgentIDs.IsNull() && !m.Agents.IsNull():
		return diag.Diagnostics{agentsTwice}
	}
	return nil
}

// check checks the attributes as far as they are known. It looks at each as a
// whole: the framework makes a request to a validator of elements for each.
func (m agentsModel) check() diag.Diagnostics {
	diags := m.checkOne()
	if !m.AgentIDs.IsNull() && !m.AgentIDs.IsUnknown() {
		elements := elementsOfSet(m.AgentIDs)
		var problems []string
		for _, e := range elements {
			if e.Null {
				problems = append(problems, "an agent ID is null")
			} else if err := deepcall.ValidateAgentID(e.ID); err != nil && !e.Unknown {
				problems = append(problems, err.Error())
			}
		}
		diags.Append(badAgents(path.Root(agentIDsAttribute), len(elements), problems, nil)...)
	}
	if !m.Agents.IsNull() && !m.Agents.IsUnknown() {
		elements := elementsOfMap(m.Agents)
		var problems, unlabeled []string
		for _, e := range elements {
			if err := deepcall.ValidateAgentID(e.ID); err != nil {
				problems = append(problems, err.Error())
			}
			if e.Null {
				unlabeled = append(unlabeled, e.ID)
			}
		}
		slices.Sort(problems)
		diags.Append(badAgents(path.Root(agentsAttribute), len(elements), problems, unlabeled)...)
	}
	return diags
}

// elementsOfSet returns the elements of a set. The only one may be packed: see
// package roster.
func elementsOfSet(set types.Set) []roster.Element {
	values := set.Elements()
	if len(values) == 1 {
		if unpacked, ok := roster.Unpack(textOf(values[0])); ok {
			return unpacked
		}
	}
	elements := make([]roster.Element, len(values))
	for i, v := range values {
		elements[i] = roster.Element{ID: textOf(v), Null: v.IsNull(), Unknown: v.IsUnknown()}
	}
	return elements
}

// elementsOfMap returns the elements of a map, as elementsOfSet does.
func elementsOfMap(m types.Map) []roster.Element {
	values := m.Elements()
	if packed, ok := values[roster.Key]; ok {
		if unpacked, ok := roster.Unpack(textOf(packed)); ok {
			return unpacked
		}
	}
	elements := make([]roster.Element, 0, len(values))
	for id, v := range values {
		elements = append(elements, roster.Element{ID: id, Label: textOf(v), Null: v.IsNull(), Unknown: v.IsUnknown()})
	}
	return elements
}

// textOf is "" where the value is null or unknown.
func textOf(value attr.Value) string {
	text, _ := value.(types.String)
	return text.ValueString()
}

// model returns the attributes that hold the list, packed.
func (l agentList) model() agentsModel {
	m := agentsModel{types.SetNull(types.StringType), types.MapNull(types.StringType)}
	packed := types.StringValue(roster.Pack(l.ids, l.labels))
	if l.labels == nil {
		m.AgentIDs = types.SetValueMust(types.StringType, []attr.Value{packed})
	} else {
		m.Agents = types.MapValueMust(types.StringType, map[string]attr.Value{roster.Key: packed})
	}
	return m
}

// path is the attribute that holds the agents.
func (l agentList) path() path.Path {
	if l.labels == nil {
		return path.Root(agentIDsAttribute)
	}
	return path.Root(agentsAttribute)
}

// without returns the agents of l that are not among others, in l's order.
func (l agentList) without(others []string) []string {
	other := setOf(others)
	return slices.DeleteFunc(slices.Clone(l.ids), func(id string) bool { return contains(other, id) })
}

// record is what l becomes once the agents in dropped have left and those of
// the plan have been recorded as far as they were confirmed, now or before. It
// takes the plan's form: its attribute, its labels.
func (l agentList) record(plan agentList, confirmed, dropped []string) agentList {
	keep := setOf(l.without(dropped))
	for _, id := range confirmed {
		keep[id] = struct{}{}
	}
	var next agentList
	if plan.labels != nil {
		next.labels = map[string]string{}
	}
	take := func(from agentList) {
		for _, id := range from.ids {
			if !contains(keep, id) {
				continue
			}
			delete(keep, id)
			next.ids = append(next.ids, id)
			if next.labels != nil {
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
