package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var (
	_ basetypes.MapTypable                    = agentMapType{}
	_ basetypes.MapValuableWithSemanticEquals = agentMapValue{}
)

// agentMapType is the type of agents: a map of agent IDs to labels. The
// framework's own map type makes a value of every label each time that it reads
// the attribute, a dozen times a plan; this one when somebody asks for them.
type agentMapType struct{}

var mapOfStrings = tftypes.Map{ElementType: tftypes.String}

// TerraformType returns a map of strings.
func (agentMapType) TerraformType(context.Context) tftypes.Type { return mapOfStrings }

// ElementType returns a string.
func (agentMapType) ElementType() attr.Type { return types.StringType }

// WithElementType returns the framework's map type: this one holds strings only.
func (agentMapType) WithElementType(element attr.Type) attr.TypeWithElementType {
	return types.MapType{ElemType: element}
}

// ApplyTerraform5AttributePathStep steps into an element.
func (t agentMapType) ApplyTerraform5AttributePathStep(step tftypes.AttributePathStep) (any, error) {
	if _, ok := step.(tftypes.ElementKeyString); !ok {
		return nil, fmt.Errorf("cannot step into a %s by %T", t, step)
	}
	return types.StringType, nil
}

// Equal reports whether other is this type.
func (t agentMapType) Equal(other attr.Type) bool { return other == attr.Type(t) }

// String names the type in the framework's errors.
func (agentMapType) String() string { return "map of agent IDs to labels" }

// ValueType returns a value of the kind that this type makes.
func (agentMapType) ValueType(context.Context) attr.Value { return agentMapValue{} }

// ValueFromTerraform keeps the value as it came, as agentSetType does.
func (t agentMapType) ValueFromTerraform(_ context.Context, raw tftypes.Value) (attr.Value, error) {
	if raw.Type() != nil && !raw.Type().Equal(mapOfStrings) {
		return nil, fmt.Errorf("cannot read %s as a %s", raw.Type(), t)
	}
	return agentMapValue{raw: raw}, nil
}

// ValueFromMap takes over a map of the framework's own type.
func (t agentMapType) ValueFromMap(ctx context.Context, labels basetypes.MapValue) (basetypes.MapValuable, diag.Diagnostics) {
	raw, err := labels.ToTerraformValue(ctx)
	if err == nil && !raw.Type().Equal(mapOfStrings) {
		err = fmt.Errorf("cannot read %s as a %s", raw.Type(), t)
	}
	if err != nil {
		return agentMapValue{}, diag.Diagnostics{diag.NewErrorDiagnostic("Unreadable map of agents", err.Error())}
	}
	return agentMapValue{raw: raw}, nil
}

// agentMapValue is a value of agentMapType. The zero value is null.
type agentMapValue struct {
	raw tftypes.Value // may be packed, see pack
}

// newAgentMap returns the map of these labels by agent ID.
func newAgentMap(labels map[string]string) agentMapValue {
	elements := make(map[string]tftypes.Value, len(labels))
	for id, label := range labels {
		elements[id] = tftypes.NewValue(tftypes.String, label)
	}
	return agentMapValue{raw: tftypes.NewValue(mapOfStrings, elements)}
}

// IDs returns the agent IDs, sorted. It reports false where the map is unknown
// or null; labels do not matter to it.
func (v agentMapValue) IDs() (ids []string, complete bool) {
	if v.IsNull() || v.IsUnknown() {
		return nil, false
	}
	elements := v.elements()
	ids = make([]string, len(elements))
	for i, agent := range elements {
		ids[i] = agent.id
	}
	slices.Sort(ids)
	return ids, true
}

// Labels returns the labels that are known, by agent ID. It reports false where
// the map or a label in it is unknown or null.
func (v agentMapValue) Labels() (labels map[string]string, complete bool) {
	if v.IsNull() || v.IsUnknown() {
		return nil, false
	}
	elements := v.elements()
	labels = make(map[string]string, len(elements))
	for _, agent := range elements {
		if agent.label.state == attr.ValueStateKnown {
			labels[agent.id] = agent.label.text
		}
	}
	return labels, len(labels) == len(elements)
}

// Type returns agentMapType.
func (agentMapValue) Type(context.Context) attr.Type { return agentMapType{} }

// IsNull reports whether the whole map is null.
func (v agentMapValue) IsNull() bool { return v.raw.IsNull() }

// IsUnknown reports whether the whole map is unknown.
func (v agentMapValue) IsUnknown() bool { return !v.raw.IsKnown() }

// String tells nothing of the elements, for agentSetValue's reason.
func (v agentMapValue) String() string { return describe(v, agentMapType{}) }

// ToTerraformValue returns the value as it came.
func (v agentMapValue) ToTerraformValue(context.Context) (tftypes.Value, error) {
	if v.raw.Type() == nil {
		return tftypes.NewValue(mapOfStrings, nil), nil
	}
	return v.raw, nil
}

// ToMapValue returns the value as the framework's own type, which validators and
// plan modifiers take.
func (v agentMapValue) ToMapValue(context.Context) (basetypes.MapValue, diag.Diagnostics) {
	switch {
	case v.IsNull():
		return types.MapNull(types.StringType), nil
	case v.IsUnknown():
		return types.MapUnknown(types.StringType), nil
	}
	elements := v.elements()
	values := make(map[string]attr.Value, len(elements))
	for _, agent := range elements {
		values[agent.id] = agent.label.value()
	}
	return types.MapValue(types.StringType, values)
}

// Equal reports whether both maps hold the same labels under the same IDs.
func (v agentMapValue) Equal(other attr.Value) bool {
	o, ok := other.(agentMapValue)
	if !ok || v.IsNull() != o.IsNull() || v.IsUnknown() != o.IsUnknown() {
		return false
	}
	if v.IsNull() || v.IsUnknown() || samePacked(v.raw, o.raw) {
		return true
	}
	ours, theirs := v.elements(), o.elements()
	if len(ours) != len(theirs) {
		return false
	}
	labels := make(map[string]element, len(ours))
	for _, agent := range ours {
		labels[agent.id] = agent.label
	}
	for _, agent := range theirs {
		if label, ok := labels[agent.id]; !ok || label != agent.label {
			return false
		}
	}
	return true
}

// MapSemanticEquals is Equal. Without it, the framework walks the elements.
func (v agentMapValue) MapSemanticEquals(_ context.Context, prior basetypes.MapValuable) (bool, diag.Diagnostics) {
	return v.Equal(prior), nil
}

// labelled is one element of the map.
type labelled struct {
	id    string
	label element
}

// elements returns the elements of a known map, in no particular order.
func (v agentMapValue) elements() []labelled {
	if packed, ok := packedRoster(v.raw); ok {
		return unpackMap(packed)
	}
	var values map[string]tftypes.Value
	_ = v.raw.As(&values) // whoever made the value has seen its type
	elements := make([]labelled, 0, len(values))
	for id, value := range values {
		elements = append(elements, labelled{id: id, label: elementOf(value)})
	}
	return elements
}
