package examples

import (
	"slices"
	"strings"
	"testing"
)

// What the tests of this package rely on is tested here.

func TestActionProblems(t *testing.T) {
	const good = `
action "deepcall_agent_cad_set" "a" {
  config {
    agent_ids = ["1"]
  }
}
resource "terraform_data" "t" {
  lifecycle {
    action_trigger {
      events  = [before_update]
      actions = [action.deepcall_agent_cad_set.a]
    }
  }
}
`
	for name, c := range map[string]struct{ from, to, want string }{
		"as it should be":   {"", "", ""},
		"another type":      {`"deepcall_agent_cad_set" "a"`, `"deepcall_agent_cad" "a"`, `the provider has no action "deepcall_agent_cad"`},
		"another attribute": {"agent_ids = ", "triggers = {}\n    agent_ids = ", "deepcall_agent_cad_set: there is no attribute triggers"},
		"no attribute":      {`agent_ids = ["1"]`, "", "deepcall_agent_cad_set: wants agent_ids or agents"},
		"no config":         {"config {", "configuration {", "deepcall_agent_cad_set: wants one block, config"},
		"outside":           {"config {", "timeouts = {}\n  config {", "deepcall_agent_cad_set: timeouts does not belong outside of config"},
		"another event":     {"before_update", "after_destroy", "action_trigger: there is no event after_destroy"},
		"another label":     {"cad_set.a]", "cad_set.b]", "action_trigger: there is no action.deepcall_agent_cad_set.b"},
	} {
		t.Run(name, func(t *testing.T) {
			text := good
			if c.from != "" {
				text = strings.Replace(good, c.from, c.to, 1)
			}
			if got := actionProblems(text, parse(t, "main.tf", text), actionSchemas(t)); !slices.Contains(append(got, ""), c.want) || (c.want == "") != (len(got) == 0) {
				t.Errorf("problems %q, want %q", got, c.want)
			}
		})
	}
	if got := untriggered(good, parse(t, "main.tf", good)); len(got) != 0 {
		t.Errorf("%q counts as invoked by hand", got)
	}
	alone, _, _ := strings.Cut(good, "resource")
	if got := untriggered(alone, parse(t, "main.tf", alone)); !slices.Equal(got, []string{"action.deepcall_agent_cad_set.a"}) {
		t.Errorf("without a trigger, %q counts as invoked by hand", got)
	}
	if got := withoutActions(good, parse(t, "main.tf", good)); strings.Contains(got, "action") || !strings.Contains(got, "lifecycle") {
		t.Errorf("without actions it is %s", got)
	}
}

func TestBlocksIn(t *testing.T) {
	const text = "one\n```terraform\na = 1\n```\n```shell\nb\n```\n```hcl\n# tests/x.tftest.hcl\nc = \"{{.Name}}\"\n```\n"
	got, err := blocksIn("doc.md", text)
	want := []block{
		{"doc.md", 3, "terraform", "a = 1\n"},
		{"doc.md", 9, "hcl", "# tests/x.tftest.hcl\nc = \"name\"\n"},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("blocks %+v, %v; want %+v", got, err, want)
	}
	if got[0].file() != "" || got[1].file() != "tests/x.tftest.hcl" || got[1].extension() != ".tftest.hcl" {
		t.Errorf("files %q and %q", got[0].file(), got[1].file())
	}
	if alone := (block{text: header}).standsAlone(); !alone || got[0].standsAlone() {
		t.Errorf("a whole configuration stands alone: %t; a fragment: %t", alone, got[0].standsAlone())
	}
	for _, unread := range []string{"  ```hcl\n  a = 1\n  ```\n", "```tf\na = 1\n```\n", "```terraform\na = 1\n"} {
		if _, err := blocksIn("doc.md", unread); err == nil {
			t.Errorf("nothing is wrong with %q", unread)
		}
	}
}

func TestRedirection(t *testing.T) {
	const text = `
provider "deepcall" {
  alias    = "eu"
  base_url = "https://eu.example.com"
}
provider "deepcall" {}
provider "vault" {}
`
	const want = "provider \"deepcall\" {\n  alias = \"eu\"\n  base_url = \"http://127.0.0.1:1\"\n}\n"
	if got := redirection(text, parse(t, "main.tf", text), "http://127.0.0.1:1"); got != want {
		t.Errorf("override %q, want %q", got, want)
	}
}
