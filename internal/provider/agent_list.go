package provider

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
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

// stringSet and stringMap are for the schemas of the resource and of the actions.
func stringSet(description string) schema.Attribute {
	return schema.SetAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: description}
}

func stringMap(description string) schema.Attribute {
	return schema.MapAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: description}
}

// agentList is the agents of one configuration, plan or state, whichever of the
// two attributes holds them.
type agentList struct {
	ids     []string          // each once, in the order of roster.Compare
	labels  map[string]string // of `agents`; nil for `agent_ids`
	unknown bool              // an attribute, or an agent ID, is to be known after apply
}

// list reads the attribute that holds the agents.
func (m agentsModel) list() (list agentList) {
	list.unknown = m.AgentIDs.IsUnknown() || m.Agents.IsUnknown()
	elements := elementsOf(m.AgentIDs)
	if !m.Agents.IsNull() {
		elements, list.labels = elementsOf(m.Agents), map[string]string{}
	}
	for _, e := range elements {
		switch {
		case list.labels != nil:
			list.labels[e.ID] = e.Label
		case e.Null || e.Unknown:
			list.unknown = true
			continue
		}
		list.ids = append(list.ids, e.ID)
	}
	slices.SortFunc(list.ids, roster.Compare)
	return list
}

// checkOne checks that exactly one of the attributes is set, and not empty.
// Validation of the configuration is not enough: core applies ignore_changes
// later. The agents of a resource are managed, those of an action are not.
func (m agentsModel) checkOne(managed bool) diag.Diagnostic {
	switch {
	case m.AgentIDs.IsNull() && m.Agents.IsNull():
		return diag.NewErrorDiagnostic("No agents",
			"Set either agent_ids, a set of agent IDs, or agents, a map of agent IDs to labels.")
	case m.AgentIDs.IsUnknown() || m.Agents.IsUnknown():
		return nil
	case !m.AgentIDs.IsNull() && !m.Agents.IsNull():
		detail := "Both agent_ids and agents are set. Keep only one."
		if managed {
			detail += " With `ignore_changes`, the other one may come from state."
		}
		return diag.NewAttributeErrorDiagnostic(path.Root(agentsAttribute), "Conflicting agent lists", detail)
	case len(elementsOf(m.AgentIDs)) > 0 || len(elementsOf(m.Agents)) > 0:
		return nil
	}
	at := m.list().path()
	detail := at.String() + " is empty. At least one agent is required. Check where the list comes from."
	if managed {
		detail += " To manage no agents, remove the block; that disables CAD for those in state if unset_on_removal is true there."
	}
	return diag.NewAttributeErrorDiagnostic(at, "No agents", detail)
}

// check checks the attributes as far as they are known. It looks at each as a
// whole: the framework makes a request to a validator of elements for each.
func (m agentsModel) check(managed bool) (diags diag.Diagnostics) {
	diags.Append(m.checkOne(managed))
	diags.Append(checkElements(path.Root(agentIDsAttribute), elementsOf(m.AgentIDs), false)...)
	diags.Append(checkElements(path.Root(agentsAttribute), elementsOf(m.Agents), true)...)
	return diags
}

// checkElements looks at the elements of agent_ids or, with labels, of agents.
func checkElements(at path.Path, elements []roster.Element, labeled bool) (diags diag.Diagnostics) {
	var problems, unlabeled []string
	for _, e := range elements {
		if e.Null && labeled {
			unlabeled = append(unlabeled, e.ID)
		}
		switch err := deepcall.ValidateAgentID(e.ID); {
		case e.Null && !labeled:
			problems = append(problems, "an agent ID is null")
		case err != nil && (labeled || !e.Unknown):
			problems = append(problems, err.Error())
		}
	}
	if labeled { // the elements of a map have no order
		slices.Sort(problems)
	}
	if more := len(problems) - maxReasons; more > 0 {
		problems = append(problems[:maxReasons], fmt.Sprintf("and %d more", more))
	}
	if len(problems) > 0 {
		diags.AddAttributeError(at, "Invalid agent ID", fmt.Sprintf("%s contains invalid agent IDs:\n\n  %s", at, strings.Join(problems, "\n  ")))
	}
	if len(unlabeled) > 0 {
		diags.AddAttributeError(at, "Invalid label", "A label must not be null; an empty string is accepted. Null for: "+listIDs(unlabeled))
	}
	return diags
}

// elementsOf returns the elements of a set or a map, which may be packed: see
// package roster.
func elementsOf(collection attr.Value) (elements []roster.Element) {
	switch c := collection.(type) {
	case types.Set:
		for _, v := range c.Elements() {
			id, _ := v.(types.String)
			elements = append(elements, roster.Element{ID: id.ValueString(), Null: id.IsNull(), Unknown: id.IsUnknown()})
		}
	case types.Map:
		for id, v := range c.Elements() {
			label, _ := v.(types.String)
			elements = append(elements, roster.Element{ID: id, Label: label.ValueString(), Null: label.IsNull(), Unknown: label.IsUnknown()})
		}
	}
	if len(elements) == 1 {
		if behind, ok := roster.Unpack(cmp.Or(elements[0].Label, elements[0].ID)); ok {
			return behind
		}
	}
	return elements
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

func largeSet(list agentList) diag.Diagnostic {
	if n := len(list.ids); n > 2000 && list.labels == nil { // where comparing a set costs Terraform seconds
		return diag.NewAttributeWarningDiagnostic(list.path(), "Large set",
			fmt.Sprintf("Terraform compares sets pair by pair, which is slow with %d IDs; use the map `agents` instead.", n))
	}
	return nil
}

// record is what l becomes: the agents of the plan that were confirmed, now or
// before, and those that should have left and failed to. It takes the plan's form:
// its attribute, its labels.
func (l agentList) record(plan agentList, confirmed, failed []string) agentList {
	on := idSet{}
	on.add(l.ids)
	on.add(confirmed)
	next := agentList{ids: slices.Concat(on.has(plan.ids), failed), labels: maps.Clone(plan.labels)}
	if next.labels != nil {
		for _, id := range failed {
			next.labels[id] = l.labels[id]
		}
	}
	return next
}

// parseImportID reads agent IDs between commas. One that occurs twice counts
// once, as in a set.
func parseImportID(id string) ([]string, error) {
	if id != "" && strings.ContainsRune(`[{"`, rune(id[0])) {
		return nil, errors.New("it looks like a list in JSON or HCL")
	}
	ids := strings.Split(id, ",")
	for _, id := range ids {
		if err := deepcall.ValidateAgentID(id); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(ids, roster.Compare)
	return slices.Compact(ids), nil
}
