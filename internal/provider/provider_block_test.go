package provider_test

import (
	"maps"
	"strings"
	"testing"

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
	for name, c := range map[string]struct {
		block object
		body  string
	}{
		"ssid":                               {object{"ssid": "abc"}, `{"ssid":"abc","agentIds":["1","14"]}`},
		"user ID and token":                  {object{"user_id": "me", "token": "t0ken"}, `{"userId":"me","token":"t0ken","agentIds":["1","14"]}`},
		"as it stands, not escaped for HTML": {object{"ssid": `<a&b>é"\`}, `{"ssid":"<a&b>é\"\\","agentIds":["1","14"]}`},
	} {
		t.Run(name, func(t *testing.T) {
			clearEnvironment(t)
			t.Setenv("TF_APPEND_USER_AGENT", "ci/7")
			api := deepcalltest.Start(t, deepcalltest.WithPrefix("/deepcall"))
			c.block["base_url"] = api.URL()
			p := startProtocol(t)
			said(t, p.Configure(c.block))
			_, diags := p.PlanAndApply(nil, set.with([]string{"1", "14"}))
			said(t, diags)
			got := api.Requests()[0]
			equal(t, "method", got.Method, "POST")
			equal(t, "path", got.Path, "/deepcall/api/v2/Agent/setCad")
			equal(t, "query", got.RawQuery, "")
			equal(t, "body", string(got.Body), c.body)
			for name, want := range map[string]string{
				"Content-Type": "application/json", "User-Agent": "terraform-provider-deepcall/test Terraform/1.11.4 ci/7", "Authorization": "", "Cookie": "",
			} {
				equal(t, name, got.Header.Get(name), want)
			}
		})
	}
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
