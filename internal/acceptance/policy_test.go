//go:build unix

package acceptance_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// TestPolicyPlans holds that the plans that tools/policy tries the example of a
// policy with are what a CLI shows.
func TestPolicyPlans(t *testing.T) {
	t.Parallel()
	labeled := "resource \"deepcall_agent_cad\" \"b\" {\n  agents = { \"0005\" = \"Asha\" }\n}\n"
	for name, c := range map[string]struct {
		before, after string // resources
		args          []string
	}{
		"create":  {"", cad("a", "0001 0002"), nil},
		"update":  {cad("a", "0001 0002 0003") + cad("b", "0004"), cad("a", "0001") + cad("b", "0002 0003"), nil},
		"leave":   {cad("a", "0001 0002 0003") + labeled, cad("a", "0003"), nil},
		"destroy": {live("a", "0001 0002"), "", nil},
		"replace": {live("a", "0001 0002"), live("a", "0001 0002"), []string{replaceA}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, deepcalltest.Start(t).URL(), c.before)
			w.Exits(0, "apply", "-auto-approve")
			w.Write("main.tf", c.after)
			w.Exits(0, append([]string{"plan", "-out=plan.tfplan"}, c.args...)...)
			got := changesOf(t, []byte(w.Exits(0, "show", "-json", "plan.tfplan").Output))

			file := "../../tools/policy/testdata/" + name + ".json"
			want, err := os.ReadFile(file)
			must(t, err)
			if got != string(want) {
				t.Errorf("the CLI shows\n%s\nand %s is\n%s", got, file, want)
			}
		})
	}
}

// changesOf is the part of a plan that a policy reads.
func changesOf(t *testing.T, plan []byte) string {
	t.Helper()
	var part struct {
		ResourceChanges []struct {
			Address string `json:"address"`
			Mode    string `json:"mode"`
			Type    string `json:"type"`
			Change  struct {
				Actions []string       `json:"actions"`
				Before  map[string]any `json:"before"`
				After   map[string]any `json:"after"`
			} `json:"change"`
		} `json:"resource_changes"`
	}
	must(t, json.Unmarshal(plan, &part))
	text, err := json.MarshalIndent(part, "", "  ")
	must(t, err)
	return string(text) + "\n"
}
