package provider_test

import (
	"maps"
	"os"
	"regexp"
	"strings"
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
			if !regexp.MustCompile(`^terraform-provider-deepcall/test Terraform/\d+\.\d+\.\d+(-\w+)? ci/7$`).MatchString(agent) {
				t.Errorf("User-Agent: %s", agent)
			}
			for _, name := range []string{"Authorization", "Cookie"} {
				equal(t, name, got.Header.Get(name), "")
			}
		})
	}
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

// Which credentials are sent, and where the error for refused ones says that they
// came from. What is wrong with credentials is in TestBadConfiguration.
func TestCredentials(t *testing.T) {
	clearEnvironment(t)
	const (
		blockSSID   = "`ssid` in the provider block"
		blockUserID = "`user_id` in the provider block"
		blockToken  = "`token` in the provider block"
		envSSID     = "the environment variable DEEPCALL_SSID"
		envUserID   = "the environment variable DEEPCALL_USER_ID"
		envToken    = "the environment variable DEEPCALL_TOKEN"
	)
	session, pair := deepcalltest.Credentials{SSID: "s"}, deepcalltest.Credentials{UserID: "u", Token: "t"}
	next := map[deepcalltest.Credentials]string{
		session: "A session ID expires with its login session;", pair: "Check in DeepCall that the token belongs to that user",
	}
	for name, c := range map[string]struct {
		block                        object
		envSSID, envUserID, envToken string
		want                         deepcalltest.Credentials
		from                         string
	}{
		"ssid in the block": {block: object{"ssid": "s"}, want: session, from: blockSSID},
		"ssid in the block, the environment's pair ignored":         {block: object{"ssid": "s"}, envUserID: "u", envToken: "t", want: session, from: blockSSID},
		"ssid in the block, half a pair in the environment ignored": {block: object{"ssid": "s"}, envToken: "t", want: session, from: blockSSID},
		"ssid in the block over the environment's":                  {block: object{"ssid": "s"}, envSSID: "other", want: session, from: blockSSID},
		"pair in the block, the environment ignored": {
			block: object{"user_id": "u", "token": "t"}, envSSID: "s", envUserID: "other", envToken: "other",
			want: pair, from: blockUserID + " and " + blockToken,
		},
		"user_id in the block, token in the environment, its ssid ignored": {
			block: object{"user_id": "u"}, envSSID: "s", envUserID: "other", envToken: "t", want: pair, from: blockUserID + " and " + envToken,
		},
		"token in the block, user ID in the environment, its ssid ignored": {
			block: object{"token": "t"}, envSSID: "s", envUserID: "u", envToken: "other", want: pair, from: envUserID + " and " + blockToken,
		},
		"ssid in the environment": {envSSID: "s", want: session, from: envSSID},
		"pair in the environment": {envUserID: "u", envToken: "t", want: pair, from: envUserID + " and " + envToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("DEEPCALL_SSID", c.envSSID)
			t.Setenv("DEEPCALL_USER_ID", c.envUserID)
			t.Setenv("DEEPCALL_TOKEN", c.envToken)
			api := deepcalltest.Start(t, deepcalltest.WithCredentials(deepcalltest.Credentials{SSID: "another"}))
			block := object{"base_url": api.URL()}
			maps.Copy(block, c.block)
			p := startProtocol(t)
			said(t, p.Configure(block))
			_, diags := p.PlanAndApply(nil, set.with([]string{"1"}))
			said(t, diags, "ERROR Credentials refused")
			if want := "The credentials came from " + c.from + ". " + next[c.want]; !strings.Contains(diags.String(), want) {
				t.Errorf("it does not say %q:\n%s", want, diags)
			}
			equal(t, "credentials", api.Requests()[0].Credentials, c.want)
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
