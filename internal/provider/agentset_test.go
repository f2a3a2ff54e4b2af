package provider

import (
	"fmt"
	"slices"
	"testing"

	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// rosterSchema has both attributes, as the resource has them.
var rosterSchema = schema.Schema{Attributes: map[string]schema.Attribute{
	agentIDsAttribute: schema.SetAttribute{Optional: true, CustomType: agentSetType{}, ElementType: types.StringType},
	agentsAttribute:   schema.MapAttribute{Optional: true, CustomType: agentMapType{}, ElementType: types.StringType},
}}

type rosterModel struct {
	AgentIDs agentSetValue `tfsdk:"agent_ids"`
	Agents   agentMapValue `tfsdk:"agents"`
}

// stringValues are strings: texts, nil for null, or tftypes.UnknownValue.
func stringValues(texts ...any) []tftypes.Value {
	values := make([]tftypes.Value, len(texts))
	for i, text := range texts {
		values[i] = tftypes.NewValue(tftypes.String, text)
	}
	return values
}

func plainSet(texts ...any) agentSetValue {
	return agentSetValue{raw: tftypes.NewValue(setOfStrings, stringValues(texts...))}
}

// packedSet is a set as the framework receives it through a packingServer.
func packedSet(t testing.TB, texts ...any) agentSetValue {
	t.Helper()
	return packValue(t, plainSet(texts...).raw, tftypes.NewValue(mapOfStrings, nil)).AgentIDs
}

// packValue takes both values through pack and the framework's decoding.
func packValue(t testing.TB, agentIDs, agents tftypes.Value) (model rosterModel) {
	t.Helper()
	of := rosterSchema.Type().TerraformType(t.Context())
	object := tftypes.NewValue(of, map[string]tftypes.Value{agentIDsAttribute: agentIDs, agentsAttribute: agents})
	encoded, err := tfprotov6.NewDynamicValue(of, object)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := pack(&encoded).Unmarshal(of)
	if err != nil {
		t.Fatal(err)
	}
	if diags := (tfsdk.Plan{Raw: raw, Schema: rosterSchema}).Get(t.Context(), &model); diags.HasError() {
		t.Fatal(diags)
	}
	return model
}

func TestAgentSetEqual(t *testing.T) {
	unknown := any(tftypes.UnknownValue)
	wholly := agentSetValue{raw: tftypes.NewValue(setOfStrings, unknown)}
	null := agentSetValue{raw: tftypes.NewValue(setOfStrings, nil)}
	for name, c := range map[string]struct {
		a, b attr.Value
		want bool
	}{
		"same":                          {plainSet("1", "14"), plainSet("1", "14"), true},
		"other order":                   {plainSet("1", "14"), plainSet("14", "1"), true},
		"other element":                 {plainSet("1", "14"), plainSet("1", "15"), false},
		"one more":                      {plainSet("1"), plainSet("1", "14"), false},
		"none":                          {plainSet(), plainSet(), true},
		"none and null":                 {plainSet(), null, false},
		"none and unknown":              {plainSet(), wholly, false},
		"null":                          {null, null, true},
		"null and the zero value":       {null, agentSetValue{}, true},
		"null and unknown":              {null, wholly, false},
		"unknown":                       {wholly, wholly, true},
		"unknown elements":              {plainSet("1", unknown, unknown), plainSet(unknown, "1", unknown), true},
		"unknown and known element":     {plainSet("1", unknown), plainSet("1", "14"), false},
		"fewer unknown elements":        {plainSet("1", "2", unknown), plainSet("1", unknown, unknown), false},
		"null element and empty string": {plainSet(nil), plainSet(""), false},
		"null and unknown element":      {plainSet(nil), plainSet(unknown), false},
		"packed":                        {packedSet(t, "1", "14"), packedSet(t, "1", "14"), true},
		"packed in another order":       {packedSet(t, "1", "14"), packedSet(t, "14", "1"), true},
		"packed, other element":         {packedSet(t, "1", "14"), packedSet(t, "1", "15"), false},
		"packed and plain":              {packedSet(t, "1", "14"), plainSet("14", "1"), true},
		"packed and plain that differ":  {packedSet(t, "1", "14"), plainSet("14", "2"), false},
		"packed and its packing":        {packedSet(t, "1", "14"), packedSet(t, unpackedText(t, packedSet(t, "1", "14"))), false},
		"the framework's set":           {plainSet("1"), types.SetValueMust(types.StringType, []attr.Value{types.StringValue("1")}), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.a.Equal(c.b); got != c.want {
				t.Errorf("a.Equal(b) = %t, want %t", got, c.want)
			}
			if got := c.b.Equal(c.a); got != c.want {
				t.Errorf("b.Equal(a) = %t, want %t", got, c.want)
			}
			if a, ok := c.a.(agentSetValue); ok {
				if b, ok := c.b.(agentSetValue); ok {
					if got, diags := a.SetSemanticEquals(t.Context(), b); got != c.want || diags.HasError() {
						t.Errorf("a.SetSemanticEquals(b) = %t, want %t; %v", got, c.want, diags)
					}
				}
			}
		})
	}
}

// unpackedText is the one string of a packed set.
func unpackedText(t testing.TB, packed agentSetValue) string {
	t.Helper()
	var values []tftypes.Value
	if err := packed.raw.As(&values); err != nil || len(values) != 1 {
		t.Fatalf("not packed: %v", packed.raw)
	}
	return elementOf(values[0]).text
}

func TestAgentSetIDs(t *testing.T) {
	unknown := any(tftypes.UnknownValue)
	for name, c := range map[string]struct {
		set      agentSetValue
		ids      []string
		complete bool
	}{
		"sorted":          {plainSet("2", "1", "14"), []string{"1", "14", "2"}, true},
		"packed":          {packedSet(t, "2", "1", "14"), []string{"1", "14", "2"}, true},
		"made":            {newAgentSet([]string{"2", "1"}), []string{"1", "2"}, true},
		"none":            {newAgentSet(nil), []string{}, true},
		"unknown element": {packedSet(t, "2", unknown), []string{"2"}, false},
		"null element":    {packedSet(t, "2", nil), []string{"2"}, false},
		"zero value":      {agentSetValue{}, nil, false},
		"unknown":         {agentSetValue{raw: tftypes.NewValue(setOfStrings, unknown)}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			ids, complete := c.set.IDs()
			if !slices.Equal(ids, c.ids) || complete != c.complete {
				t.Errorf("IDs() = %q, %t, want %q, %t", ids, complete, c.ids, c.complete)
			}
		})
	}
}

// What validators see, and what they make of it, is the framework's own type.
func TestAgentSetAsFrameworkSet(t *testing.T) {
	for name, set := range map[string]agentSetValue{
		"null": {}, "unknown": {raw: tftypes.NewValue(setOfStrings, tftypes.UnknownValue)},
		"none": plainSet(), "some": plainSet("1", "14"), "packed": packedSet(t, "1", "14"),
		"with null and unknown elements": plainSet("1", nil, tftypes.UnknownValue),
	} {
		t.Run(name, func(t *testing.T) {
			framework, diags := set.ToSetValue(t.Context())
			if diags.HasError() {
				t.Fatal(diags)
			}
			raw, _ := set.ToTerraformValue(t.Context())
			if name == "packed" {
				raw = plainSet("1", "14").raw
			}
			if got, err := framework.ToTerraformValue(t.Context()); err != nil || !got.Equal(raw) {
				t.Errorf("as the framework's set: %v, %v, want %v", got, err, raw)
			}
			back, diags := agentSetType{}.ValueFromSet(t.Context(), framework)
			if diags.HasError() || !back.Equal(set) {
				t.Errorf("and back: %v, %v", back, diags)
			}
		})
	}
}

func TestAgentSetRefusesOtherTypes(t *testing.T) {
	numbers := tftypes.NewValue(tftypes.Set{ElementType: tftypes.Number}, nil)
	if v, err := (agentSetType{}).ValueFromTerraform(t.Context(), numbers); err == nil {
		t.Errorf("a set of numbers was read as %v", v)
	}
	if v, diags := (agentSetType{}).ValueFromSet(t.Context(), types.SetNull(types.NumberType)); !diags.HasError() {
		t.Errorf("a set of numbers was taken over as %v", v)
	}
}

// Both types in the places where a provider has them: the schemas of resources
// and actions, a plan read into a struct, a state written from one and by
// attribute.
func TestRosterTypesInTheFramework(t *testing.T) {
	ctx := t.Context()
	if diags := rosterSchema.ValidateImplementation(ctx); diags.HasError() {
		t.Errorf("resource: %v", diags)
	}
	ofAction := actionschema.Schema{Attributes: map[string]actionschema.Attribute{
		agentIDsAttribute: actionschema.SetAttribute{Required: true, CustomType: agentSetType{}, ElementType: types.StringType},
	}}
	if diags := ofAction.ValidateImplementation(ctx); diags.HasError() {
		t.Errorf("action: %v", diags)
	}

	state := tfsdk.State{Raw: tftypes.NewValue(rosterSchema.Type().TerraformType(ctx), nil), Schema: rosterSchema}
	// As an import writes it.
	if diags := state.SetAttribute(ctx, path.Root(agentIDsAttribute), []string{"14", "1"}); diags.HasError() {
		t.Fatal(diags)
	}
	var model rosterModel
	if diags := state.Get(ctx, &model); diags.HasError() {
		t.Fatal(diags)
	}
	if !model.AgentIDs.Equal(plainSet("1", "14")) || !model.Agents.IsNull() {
		t.Errorf("written by attribute: %v, %v", model.AgentIDs.raw, model.Agents.raw)
	}

	before := packValue(t, plainSet("1", "14").raw, newAgentMap(map[string]string{"1": "Ravi Kumar"}).raw)
	if diags := state.Set(ctx, before); diags.HasError() {
		t.Fatal(diags)
	}
	var after rosterModel
	if diags := state.Get(ctx, &after); diags.HasError() {
		t.Fatal(diags)
	}
	// Handed back as it came: still packed.
	if !samePacked(before.AgentIDs.raw, after.AgentIDs.raw) || !samePacked(before.Agents.raw, after.Agents.raw) {
		t.Errorf("written from a struct: %v, %v", after.AgentIDs.raw, after.Agents.raw)
	}
}

func agentIDs(n int) []any {
	ids := make([]any, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%06d", i)
	}
	return ids
}

func BenchmarkAgentSetEqual(b *testing.B) {
	for _, n := range []int{500, 10_000} {
		ids := agentIDs(n)
		this, same := packedSet(b, ids...), packedSet(b, ids...)
		reversed := slices.Clone(ids)
		slices.Reverse(reversed)
		other := packedSet(b, reversed...)
		b.Run(fmt.Sprintf("same bytes/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				this.Equal(same)
			}
		})
		b.Run(fmt.Sprintf("other order/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				this.Equal(other)
			}
		})
	}
}

func BenchmarkAgentSetIDs(b *testing.B) {
	for _, n := range []int{500, 10_000} {
		set := packedSet(b, agentIDs(n)...)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				set.IDs()
			}
		})
	}
}
