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
	_ basetypes.SetTypable                    = agentSetType{}
	_ basetypes.SetValuableWithSemanticEquals = agentSetValue{}
)

// agentSetType is the type of agent_ids: a set of strings at a cost that grows
// with the number of agents. The framework's own set type compares every pair
// of elements, to validate one value and to compare two.
type agentSetType struct{}

var setOfStrings = tftypes.Set{ElementType: tftypes.String}

// TerraformType returns a set of strings.
func (agentSetType) TerraformType(context.Context) tftypes.Type { return setOfStrings }

// ElementType returns a string.
func (agentSetType) ElementType() attr.Type { return types.StringType }

// WithElementType returns the framework's set type: this one holds strings only.
func (agentSetType) WithElementType(element attr.Type) attr.TypeWithElementType {
	return types.SetType{ElemType: element}
}

// ApplyTerraform5AttributePathStep steps into an element.
func (t agentSetType) ApplyTerraform5AttributePathStep(step tftypes.AttributePathStep) (any, error) {
	if _, ok := step.(tftypes.ElementKeyValue); !ok {
		return nil, fmt.Errorf("cannot step into a %s by %T", t, step)
	}
	return types.StringType, nil
}

// Equal reports whether other is this type.
func (t agentSetType) Equal(other attr.Type) bool { return other == attr.Type(t) }

// String names the type in the framework's errors.
func (agentSetType) String() string { return "set of agent IDs" }

// ValueType returns a value of the kind that this type makes.
func (agentSetType) ValueType(context.Context) attr.Value { return agentSetValue{} }

// ValueFromTerraform keeps the value as it came. Elements are looked at when
// somebody asks for them, which the framework does far less often than it asks
// for the value.
func (t agentSetType) ValueFromTerraform(_ context.Context, raw tftypes.Value) (attr.Value, error) {
	if raw.Type() != nil && !raw.Type().Equal(setOfStrings) {
		return nil, fmt.Errorf("cannot read %s as a %s", raw.Type(), t)
	}
	return agentSetValue{raw: raw}, nil
}

// ValueFromSet takes over a set of the framework's own type.
func (t agentSetType) ValueFromSet(ctx context.Context, set basetypes.SetValue) (basetypes.SetValuable, diag.Diagnostics) {
	raw, err := set.ToTerraformValue(ctx)
	if err == nil && !raw.Type().Equal(setOfStrings) {
		err = fmt.Errorf("cannot read %s as a %s", raw.Type(), t)
	}
	if err != nil {
		return agentSetValue{}, diag.Diagnostics{diag.NewErrorDiagnostic("Unreadable set of agent IDs", err.Error())}
	}
	return agentSetValue{raw: raw}, nil
}

// agentSetValue is a value of agentSetType. The zero value is null.
type agentSetValue struct {
	raw tftypes.Value // may be packed, see pack
}

// newAgentSet returns the set of these IDs, each of which is given once.
func newAgentSet(ids []string) agentSetValue {
	elements := make([]tftypes.Value, len(ids))
	for i, id := range ids {
		elements[i] = tftypes.NewValue(tftypes.String, id)
	}
	return agentSetValue{raw: tftypes.NewValue(setOfStrings, elements)}
}

// IDs returns the agent IDs that are known, sorted. It reports false where the
// set or an element of it is unknown or null.
func (v agentSetValue) IDs() (ids []string, complete bool) {
	if v.IsNull() || v.IsUnknown() {
		return nil, false
	}
	elements := v.elements()
	ids = make([]string, 0, len(elements))
	for _, e := range elements {
		if e.state == attr.ValueStateKnown {
			ids = append(ids, e.text)
		}
	}
	slices.Sort(ids)
	return ids, len(ids) == len(elements)
}

// Type returns agentSetType.
func (agentSetValue) Type(context.Context) attr.Type { return agentSetType{} }

// IsNull reports whether the whole set is null.
func (v agentSetValue) IsNull() bool { return v.raw.IsNull() }

// IsUnknown reports whether the whole set is unknown.
func (v agentSetValue) IsUnknown() bool { return !v.raw.IsKnown() }

// String tells nothing of the elements: the framework asks for it at every
// comparison, for a log that nobody may read.
func (v agentSetValue) String() string { return describe(v, agentSetType{}) }

// ToTerraformValue returns the value as it came.
func (v agentSetValue) ToTerraformValue(context.Context) (tftypes.Value, error) {
	if v.raw.Type() == nil {
		return tftypes.NewValue(setOfStrings, nil), nil
	}
	return v.raw, nil
}

// ToSetValue returns the value as the framework's own type, which validators and
// plan modifiers take.
func (v agentSetValue) ToSetValue(context.Context) (basetypes.SetValue, diag.Diagnostics) {
	switch {
	case v.IsNull():
		return types.SetNull(types.StringType), nil
	case v.IsUnknown():
		return types.SetUnknown(types.StringType), nil
	}
	elements := v.elements()
	values := make([]attr.Value, len(elements))
	for i, e := range elements {
		values[i] = e.value()
	}
	return types.SetValue(types.StringType, values)
}

// Equal reports whether both sets hold the same elements. It hashes them.
func (v agentSetValue) Equal(other attr.Value) bool {
	o, ok := other.(agentSetValue)
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
	// Counted, not merely collected: unknown elements occur more than once.
	left := make(map[element]int, len(ours))
	for _, e := range ours {
		left[e]++
	}
	for _, e := range theirs {
		if left[e] == 0 {
			return false
		}
		left[e]--
	}
	return true
}

// SetSemanticEquals is Equal. Without it, the framework compares every element
// with every other.
func (v agentSetValue) SetSemanticEquals(_ context.Context, prior basetypes.SetValuable) (bool, diag.Diagnostics) {
	return v.Equal(prior), nil
}

// elements returns the elements of a known set, in the order they came.
func (v agentSetValue) elements() []element {
	if packed, ok := packedRoster(v.raw); ok {
		return unpackSet(packed)
	}
	var values []tftypes.Value
	_ = v.raw.As(&values) // whoever made the value has seen its type
	elements := make([]element, len(values))
	for i, value := range values {
		elements[i] = elementOf(value)
	}
	return elements
}

// element is what is known of one string: its text, or that it is null or
// unknown.
type element struct {
	state attr.ValueState
	text  string
}

func elementOf(value tftypes.Value) element {
	switch {
	case value.IsNull():
		return element{state: attr.ValueStateNull}
	case !value.IsKnown():
		return element{state: attr.ValueStateUnknown}
	}
	e := element{state: attr.ValueStateKnown}
	_ = value.As(&e.text) // an element of a set or map of strings
	return e
}

// value returns the element as the framework's string.
func (e element) value() attr.Value {
	switch e.state {
	case attr.ValueStateNull:
		return types.StringNull()
	case attr.ValueStateUnknown:
		return types.StringUnknown()
	default:
		return types.StringValue(e.text)
	}
}

// describe names a value's state, or its type where it is known.
func describe(value attr.Value, of attr.Type) string {
	switch {
	case value.IsNull():
		return attr.NullValueString
	case value.IsUnknown():
		return attr.UnknownValueString
	default:
		return of.String()
	}
}
