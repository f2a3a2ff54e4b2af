package provider

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// labels are labels by agent ID: texts, nil for null, or tftypes.UnknownValue.
type labels map[string]any

func plainMap(of labels) agentMapValue {
	elements := map[string]tftypes.Value{}
	for id, label := range of {
		elements[id] = tftypes.NewValue(tftypes.String, label)
	}
	return agentMapValue{raw: tftypes.NewValue(mapOfStrings, elements)}
}

// packedMap is a map as the framework receives it through a packingServer.
func packedMap(t testing.TB, of labels) agentMapValue {
	t.Helper()
	return packValue(t, tftypes.NewValue(setOfStrings, nil), plainMap(of).raw).Agents
}

func TestAgentMapEqual(t *testing.T) {
	unknown := any(tftypes.UnknownValue)
	wholly := agentMapValue{raw: tftypes.NewValue(mapOfStrings, unknown)}
	null := agentMapValue{raw: tftypes.NewValue(mapOfStrings, nil)}
	team := labels{"1": "Ravi", "14": "Asha"}
	for name, c := range map[string]struct {
		a, b attr.Value
		want bool
	}{
		"same":                         {plainMap(team), plainMap(team), true},
		"other label":                  {plainMap(team), plainMap(labels{"1": "Ravi", "14": "Mina"}), false},
		"other agent":                  {plainMap(team), plainMap(labels{"1": "Ravi", "15": "Asha"}), false},
		"one more":                     {plainMap(labels{"1": "Ravi"}), plainMap(team), false},
		"none":                         {plainMap(nil), plainMap(nil), true},
		"none and null":                {plainMap(nil), null, false},
		"none and unknown":             {plainMap(nil), wholly, false},
		"null and the zero value":      {null, agentMapValue{}, true},
		"null and unknown":             {null, wholly, false},
		"unknown":                      {wholly, wholly, true},
		"unknown label":                {plainMap(labels{"1": unknown}), plainMap(labels{"1": unknown}), true},
		"unknown and empty label":      {plainMap(labels{"1": unknown}), plainMap(labels{"1": ""}), false},
		"null and empty label":         {plainMap(labels{"1": nil}), plainMap(labels{"1": ""}), false},
		"null label and another agent": {plainMap(labels{"1": nil}), plainMap(labels{"2": nil}), false},
		"packed":                       {packedMap(t, team), packedMap(t, team), true},
		"packed, other label":          {packedMap(t, team), packedMap(t, labels{"1": "Ravi", "14": "Mina"}), false},
		"packed and plain":             {packedMap(t, team), plainMap(team), true},
		"packed and plain that differ": {packedMap(t, team), plainMap(labels{"1": "Ravi", "15": "Asha"}), false},
		"the framework's map":          {plainMap(nil), types.MapValueMust(types.StringType, map[string]attr.Value{}), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.a.Equal(c.b); got != c.want {
				t.Errorf("a.Equal(b) = %t, want %t", got, c.want)
			}
			if got := c.b.Equal(c.a); got != c.want {
				t.Errorf("b.Equal(a) = %t, want %t", got, c.want)
			}
			if a, ok := c.a.(agentMapValue); ok {
				if b, ok := c.b.(agentMapValue); ok {
					if got, diags := a.MapSemanticEquals(t.Context(), b); got != c.want || diags.HasError() {
						t.Errorf("a.MapSemanticEquals(b) = %t, want %t; %v", got, c.want, diags)
					}
				}
			}
		})
	}
}

func TestAgentMapElements(t *testing.T) {
	unknown := any(tftypes.UnknownValue)
	for name, c := range map[string]struct {
		agents   agentMapValue
		ids      []string
		known    bool
		labels   map[string]string
		complete bool
	}{
		"plain":         {plainMap(labels{"2": "Asha", "14": ""}), []string{"14", "2"}, true, map[string]string{"2": "Asha", "14": ""}, true},
		"packed":        {packedMap(t, labels{"2": "Asha", "14": ""}), []string{"14", "2"}, true, map[string]string{"2": "Asha", "14": ""}, true},
		"made":          {newAgentMap(map[string]string{"2": "Asha"}), []string{"2"}, true, map[string]string{"2": "Asha"}, true},
		"none":          {newAgentMap(nil), []string{}, true, map[string]string{}, true},
		"unknown label": {packedMap(t, labels{"2": "Asha", "14": unknown}), []string{"14", "2"}, true, map[string]string{"2": "Asha"}, false},
		"null label":    {packedMap(t, labels{"2": nil}), []string{"2"}, true, map[string]string{}, false},
		"zero value":    {agentMapValue{}, nil, false, nil, false},
		"unknown":       {agentMapValue{raw: tftypes.NewValue(mapOfStrings, unknown)}, nil, false, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			if ids, known := c.agents.IDs(); !slices.Equal(ids, c.ids) || known != c.known {
				t.Errorf("IDs() = %q, %t, want %q, %t", ids, known, c.ids, c.known)
			}
			if labels, complete := c.agents.Labels(); !maps.Equal(labels, c.labels) || complete != c.complete {
				t.Errorf("Labels() = %q, %t, want %q, %t", labels, complete, c.labels, c.complete)
			}
		})
	}
}

// What validators see, and what they make of it, is the framework's own type.
func TestAgentMapAsFrameworkMap(t *testing.T) {
	team := labels{"1": "Ravi", "14": "Asha"}
	for name, agents := range map[string]agentMapValue{
		"null": {}, "unknown": {raw: tftypes.NewValue(mapOfStrings, tftypes.UnknownValue)},
		"none": plainMap(nil), "some": plainMap(team), "packed": packedMap(t, team),
		"with null and unknown labels": plainMap(labels{"1": nil, "2": tftypes.UnknownValue}),
	} {
		t.Run(name, func(t *testing.T) {
			framework, diags := agents.ToMapValue(t.Context())
			if diags.HasError() {
				t.Fatal(diags)
			}
			raw, _ := agents.ToTerraformValue(t.Context())
			if name == "packed" {
				raw = plainMap(team).raw
			}
			if got, err := framework.ToTerraformValue(t.Context()); err != nil || !got.Equal(raw) {
				t.Errorf("as the framework's map: %v, %v, want %v", got, err, raw)
			}
			back, diags := agentMapType{}.ValueFromMap(t.Context(), framework)
			if diags.HasError() || !back.Equal(agents) {
				t.Errorf("and back: %v, %v", back, diags)
			}
		})
	}
}

func TestAgentMapRefusesOtherTypes(t *testing.T) {
	numbers := tftypes.NewValue(tftypes.Map{ElementType: tftypes.Number}, nil)
	if v, err := (agentMapType{}).ValueFromTerraform(t.Context(), numbers); err == nil {
		t.Errorf("a map of numbers was read as %v", v)
	}
	if v, diags := (agentMapType{}).ValueFromMap(t.Context(), types.MapNull(types.NumberType)); !diags.HasError() {
		t.Errorf("a map of numbers was taken over as %v", v)
	}
}

func labelsOf(n int) labels {
	of := labels{}
	for i := range n {
		of[fmt.Sprintf("%06d", i)] = fmt.Sprintf("Agent Number %d", i)
	}
	return of
}

func BenchmarkAgentMapEqual(b *testing.B) {
	for _, n := range []int{500, 10_000} {
		packed, plain := packedMap(b, labelsOf(n)), plainMap(labelsOf(n))
		b.Run(fmt.Sprintf("same bytes/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				packed.Equal(packed)
			}
		})
		b.Run(fmt.Sprintf("packed and plain/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				packed.Equal(plain)
			}
		})
	}
}

func BenchmarkAgentMapLabels(b *testing.B) {
	for _, n := range []int{500, 10_000} {
		agents := packedMap(b, labelsOf(n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				agents.Labels()
			}
		})
	}
}
