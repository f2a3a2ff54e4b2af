package provider_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// clearEnvironment takes away what the caller's environment says to the
// provider, for tests that leave something to it.
func clearEnvironment(t *testing.T) {
	t.Helper()
	for _, name := range []string{"DEEPCALL_BASE_URL", "DEEPCALL_SSID", "DEEPCALL_USER_ID", "DEEPCALL_TOKEN", "TF_APPEND_USER_AGENT"} {
		t.Setenv(name, "")
	}
}

func TestRequestBytes(t *testing.T) {
	for _, c := range []struct{ name, block, body string }{
		{"ssid", `ssid = "abc"`, `{"ssid":"abc","agentIds":["1","14"]}`},
		{"user ID and token", "user_id = \"me\"\ntoken = \"t0ken\"", `{"userId":"me","token":"t0ken","agentIds":["1","14"]}`},
		{"as it stands, not escaped for HTML", `ssid = "<a&b>é\"\\"`, `{"ssid":"<a&b>é\"\\","agentIds":["1","14"]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			clearEnvironment(t)
			t.Setenv("TF_APPEND_USER_AGENT", "ci/7")
			api := deepcalltest.Start(t, deepcalltest.WithPrefix("/deepcall"))
			var got deepcalltest.Request
			run(t, api, step{
				config: config(api, c.block, cad("a", set.hcl("1", "14"))),
				after:  func() { got = api.Requests()[0] },
				sends:  []string{"setCad 1 14"},
			})
			equal(t, "method", got.Method, "POST")
			equal(t, "path", got.Path, "/deepcall/api/v2/Agent/setCad")
			equal(t, "query", got.RawQuery, "")
			equal(t, "body", string(got.Body), c.body)
			equal(t, "Content-Type", got.Header["Content-Type"], []string{"application/json"})
			agent := got.Header.Get("User-Agent")
			if !regexp.MustCompile(`^terraform-provider-deepcall/test Terraform/\d+\.\d+\.\d+ ci/7$`).MatchString(agent) {
				t.Errorf("User-Agent: %s", agent)
			}
			for _, name := range []string{"Authorization", "Cookie"} {
				equal(t, name, got.Header.Get(name), "")
			}
		})
	}
}

func TestUnsetRequest(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t, deepcalltest.WithPrefix("/deepcall"))
	p := connect(t, api, nil)
	state := set.with([]string{"1"}, object{"unset_on_removal": true})
	_, diags := p.PlanAndApply(state, nil)
	said(t, diags)
	got := api.Requests()[0]
	equal(t, "method", got.Method, "POST")
	equal(t, "path", got.Path, "/deepcall/api/v2/Agent/unsetCad")
	equal(t, "body", string(got.Body), `{"ssid":"s3cret","agentIds":["1"]}`)
}

func TestEnvironment(t *testing.T) {
	api := deepcalltest.Start(t, deepcalltest.WithCredentials(deepcalltest.Credentials{UserID: "me", Token: "t0ken"}))
	clearEnvironment(t)
	t.Setenv("DEEPCALL_BASE_URL", api.URL())
	t.Setenv("DEEPCALL_USER_ID", "me")
	t.Setenv("DEEPCALL_TOKEN", "t0ken")
	run(t, api, step{
		about:  "no provider block",
		config: cad("a", set.hcl("1")),
		sends:  []string{"setCad 1"},
	}, step{
		about:  "the block wins",
		config: config(api, `token = "other"`, cad("a", set.hcl("1", "2"))),
		sends:  []string{"setCad 2"},
		fails:  []string{"Credentials refused", "the environment variable DEEPCALL_USER_ID", "and `token` in the provider block"},
	})
}

func TestBadEnvironment(t *testing.T) {
	for _, c := range []struct {
		name  string
		block string
		env   map[string]string
		fails []string
	}{
		{"no credentials", "", nil, []string{
			"Missing credentials", "ssid in the provider block", "user_id and token in the provider block",
			"the environment variable DEEPCALL_SSID", "the environment variables DEEPCALL_USER_ID and DEEPCALL_TOKEN",
		}},
		{"both", "", map[string]string{"DEEPCALL_SSID": "s", "DEEPCALL_USER_ID": "u", "DEEPCALL_TOKEN": "t"}, []string{
			"Conflicting credentials", "Both DEEPCALL_SSID and DEEPCALL_USER_ID or DEEPCALL_TOKEN are set.",
		}},
		{"half a pair", "", map[string]string{"DEEPCALL_TOKEN": "t"}, []string{"Incomplete credentials", "DEEPCALL_USER_ID"}},
		{"half a pair in the block", `user_id = "u"`, map[string]string{"DEEPCALL_SSID": "s"}, []string{"Incomplete credentials", "DEEPCALL_TOKEN"}},
		{"plain http", "", map[string]string{"DEEPCALL_SSID": "s", "DEEPCALL_BASE_URL": "http://api.example"}, []string{
			"Invalid base URL", `DEEPCALL_BASE_URL ("http://api.example") cannot be used: it is http`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			clearEnvironment(t)
			api := deepcalltest.Start(t)
			t.Setenv("DEEPCALL_BASE_URL", api.URL())
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			run(t, api, step{
				config: "provider \"deepcall\" {\n" + c.block + "\n}\n" + cad("a", set.hcl("1")),
				fails:  c.fails,
			})
		})
	}
}

// Values that another resource gives are unknown to the first plan.
func TestBlockUnknownAtPlan(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	given := func(url string) string {
		return `
resource "terraform_data" "given" { input = { url = "` + url + `", ssid = "s3cret", batch = 1, timeout = "9s" } }
provider "deepcall" {
  base_url        = terraform_data.given.output.url
  ssid            = terraform_data.given.output.ssid
  batch_size      = terraform_data.given.output.batch
  request_timeout = terraform_data.given.output.timeout
}
`
	}
	run(t, api, step{
		about:  "unknown at plan, known at apply",
		config: given(api.URL()) + cad("a", set.hcl("1", "2")),
		plan:   []plancheck.PlanCheck{does(plancheck.ResourceActionCreate)},
		sends:  []string{"setCad 1", "setCad 2"},
	}, step{
		about:  "unknown again, with something in state",
		config: given(api.URL()+"/") + cad("a", set.hcl("2", "3")),
		plan:   []plancheck.PlanCheck{does(plancheck.ResourceActionUpdate)},
		sends:  []string{"setCad 3"},
	}, step{
		about:  "found at apply to be bad",
		config: given("http://api.example") + cad("a", set.hcl("2", "3", "4")),
		fails:  []string{"Invalid base URL", "base_url        = terraform_data.given.output.url", "it is http"},
	}, step{
		about:  "corrected",
		config: given(api.URL()) + cad("a", set.hcl("2", "3", "4")),
		sends:  []string{"setCad 4"},
	})
}

func TestEphemeralCredentials(t *testing.T) {
	t.Parallel()
	// Where ephemeral values came in.
	since := tfversion.Version1_10_0
	if os.Getenv("TF_ACC_PROVIDER_HOST") == "registry.opentofu.org" {
		since = tfversion.Version1_11_0
	}
	api := deepcalltest.Start(t, deepcalltest.WithCredentials(deepcalltest.Credentials{SSID: "s3cret"}))
	variable := `
variable "session" {
  type      = string
  ephemeral = true
  default   = "s3cret"
}
`
	runAbove(t, api, []tfversion.TerraformVersionCheck{tfversion.SkipBelow(since)}, step{
		config: variable + config(api, "ssid = var.session", cad("a", set.hcl("1"))),
		sends:  []string{"setCad 1"},
	})
}
