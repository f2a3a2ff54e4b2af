// Package policy tries the policy example with OPA. It is a module of its own,
// since OPA needs many others.
//
// The plans in testdata are what a CLI shows; internal/acceptance holds that.
package policy

import (
	"cmp"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

const example = "../../examples/policy/agents.rego"

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// denied is what the policy says of a plan, with the data that it is given.
func denied(t *testing.T, plan, data string) string {
	t.Helper()
	input, err := ast.ValueFromReader(strings.NewReader(plan))
	if err != nil {
		t.Fatal(err)
	}
	results, err := rego.New(
		rego.Query(`concat("; ", sort(data.deepcall.deny))`),
		rego.Module(example, read(t, example)),
		rego.Store(inmem.NewFromReader(strings.NewReader(data))),
		rego.ParsedInput(input),
		rego.StrictBuiltinErrors(true),
	).Eval(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(results[0].Expressions[0].Value)
}

func TestPlans(t *testing.T) {
	for name, c := range map[string]struct{ plan, data, want string }{
		"nothing leaves":           {plan: "create"},
		"one leaves, two move":     {plan: "update"},
		"one is too many":          {"leave", `{"deepcall_limit": 2}`, "3 agents would be removed, but at most 2 may be: 0001, 0002, 0005"},
		"as many as allowed":       {"leave", `{"deepcall_limit": 3}`, ""},
		"destroyed, switching off": {plan: "destroy", want: "deepcall_agent_cad.a would be destroyed, and CAD disabled for its agents"},
		"replaced":                 {plan: "replace"},
	} {
		if got := denied(t, read(t, "testdata/"+c.plan+".json"), cmp.Or(c.data, "{}")); got != c.want {
			t.Errorf("%s: denied %q, want %q", name, got, c.want)
		}
	}
}

// The limit is 20 where nobody says otherwise, for both forms of a roster.
func TestDefaultLimit(t *testing.T) {
	const plan = `{"resource_changes": [{"address": "deepcall_agent_cad.a", "mode": "managed", "type": "deepcall_agent_cad",
		"change": {"actions": ["delete"], "before": %s, "after": null}}]}`
	for n, want := range map[int]bool{20: false, 21: true} {
		var ids, labels []string
		for i := range n {
			ids = append(ids, strconv.Quote(strconv.Itoa(i)))
			labels = append(labels, ids[i]+`: "label"`)
		}
		for _, form := range []string{`{"agents": {` + strings.Join(labels, ", ") + `}}`, `{"agent_ids": [` + strings.Join(ids, ", ") + `], "agents": null}`} {
			if got := denied(t, fmt.Sprintf(plan, form), "{}"); (got != "") != want {
				t.Errorf("%d agents leave: denied %q", n, got)
			}
		}
	}
}

func TestFormat(t *testing.T) {
	policy := read(t, example)
	if formatted, err := format.Source(example, []byte(policy)); err != nil || string(formatted) != policy {
		t.Errorf("%v; opa fmt would write:\n%s", err, formatted)
	}
}
