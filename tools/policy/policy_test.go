// Package policy tries the policy example with OPA. It is a module of its own,
// since OPA needs many others.
//
// The plans in testdata are what a CLI shows; internal/acceptance holds that.
package policy

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/format"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

const example = "../../examples/policy/agents.rego"

// denied evaluates the policy for a plan, with a limit other than the default
// unless it is 0.
func denied(t *testing.T, plan any, limit int) []string {
	t.Helper()
	data := map[string]any{}
	if limit > 0 {
		data["deepcall_limit"] = limit
	}
	results, err := rego.New(
		rego.Query("data.deepcall.deny"),
		rego.Module(example, string(read(t, example))),
		rego.Store(inmem.NewFromObject(data)),
		rego.Input(plan),
		rego.StrictBuiltinErrors(true),
	).Eval(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// By way of JSON, as the program opa prints it.
	raw, err := json.Marshal(results[0].Expressions[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	return decode[[]string](t, raw)
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func decode[T any](t *testing.T, raw []byte) (value T) {
	t.Helper()
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestPlans(t *testing.T) {
	for name, c := range map[string]struct {
		plan  string
		limit int
		want  []string // in the messages, one each
	}{
		"nothing leaves":           {plan: "create"},
		"one leaves, two move":     {plan: "update"},
		"one is too many":          {plan: "leave", limit: 2, want: []string{"3 agents would be removed, but at most 2 may be: 0001, 0002, 0005"}},
		"as many as allowed":       {plan: "leave", limit: 3},
		"destroyed, switching off": {plan: "destroy", want: []string{"deepcall_agent_cad.a would be destroyed"}},
		"replaced":                 {plan: "replace"},
	} {
		t.Run(name, func(t *testing.T) {
			got := denied(t, decode[any](t, read(t, "testdata/"+c.plan+".json")), c.limit)
			if len(got) != len(c.want) {
				t.Fatalf("denied %q, want %q", got, c.want)
			}
			for i, want := range c.want {
				if !strings.Contains(got[i], want) {
					t.Errorf("denied %q, want %q", got[i], want)
				}
			}
		})
	}
}

// The limit is 20 where nobody says otherwise, for both forms of a roster.
func TestDefaultLimit(t *testing.T) {
	roster := func(n int) map[string]any {
		agents := map[string]any{}
		for i := range n {
			agents[string(rune('a'+i))] = "label"
		}
		return agents
	}
	for n, want := range map[int]int{20: 0, 21: 1} {
		for _, form := range []map[string]any{{"agents": roster(n)}, {"agent_ids": slices.Collect(maps.Keys(roster(n))), "agents": nil}} {
			plan := map[string]any{"resource_changes": []any{map[string]any{
				"address": "deepcall_agent_cad.a", "mode": "managed", "type": "deepcall_agent_cad",
				"change": map[string]any{"actions": []string{"delete"}, "before": form, "after": nil},
			}}}
			if got := denied(t, plan, 0); len(got) != want {
				t.Errorf("%d agents leave: denied %q", n, got)
			}
		}
	}
}

func TestFormat(t *testing.T) {
	policy := read(t, example)
	if formatted, err := format.Source(example, policy); err != nil || string(formatted) != string(policy) {
		t.Errorf("%v; opa fmt would write:\n%s", err, formatted)
	}
}
