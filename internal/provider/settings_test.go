package provider

import (
	"math/big"
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

func environment(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	type env = map[string]string
	const (
		blockSSID   = "`ssid` in the provider block"
		blockUserID = "`user_id` in the provider block"
		blockToken  = "`token` in the provider block"
		envVar      = "the environment variable "
	)
	session, pair := deepcalltest.Credentials{SSID: "s"}, deepcalltest.Credentials{UserID: "u", Token: "t"}
	for name, c := range map[string]struct {
		block providerModel
		env   env
		want  deepcalltest.Credentials
		from  string // where want comes from
		fails string // summary; then want and from stay empty
		at    string // attribute of the failure
	}{
		"ssid in the block": {block: providerModel{SSID: text("s")}, want: session, from: blockSSID},
		"ssid in the block, the environment's pair ignored": {
			block: providerModel{SSID: text("s")}, env: env{"DEEPCALL_USER_ID": "u", "DEEPCALL_TOKEN": "t"},
			want: session, from: blockSSID,
		},
		"ssid in the block, half a pair in the environment ignored": {
			block: providerModel{SSID: text("s")}, env: env{"DEEPCALL_TOKEN": "t"}, want: session, from: blockSSID,
		},
		"ssid in the block over the environment's": {
			block: providerModel{SSID: text("s")}, env: env{"DEEPCALL_SSID": "other"}, want: session, from: blockSSID,
		},
		"pair in the block": {
			block: providerModel{UserID: text("u"), Token: text("t")}, want: pair, from: blockUserID + " and " + blockToken,
		},
		"pair in the block, the environment ignored": {
			block: providerModel{UserID: text("u"), Token: text("t")},
			env:   env{"DEEPCALL_SSID": "s", "DEEPCALL_USER_ID": "other", "DEEPCALL_TOKEN": "other"},
			want:  pair, from: blockUserID + " and " + blockToken,
		},
		"user_id in the block, token in the environment, its ssid ignored": {
			block: providerModel{UserID: text("u")}, env: env{"DEEPCALL_SSID": "s", "DEEPCALL_USER_ID": "other", "DEEPCALL_TOKEN": "t"},
			want: pair, from: blockUserID + " and " + envVar + "DEEPCALL_TOKEN",
		},
		"token in the block, user ID in the environment, its ssid ignored": {
			block: providerModel{Token: text("t")}, env: env{"DEEPCALL_SSID": "s", "DEEPCALL_USER_ID": "u", "DEEPCALL_TOKEN": "other"},
			want: pair, from: envVar + "DEEPCALL_USER_ID and " + blockToken,
		},
		"ssid in the environment": {env: env{"DEEPCALL_SSID": "s"}, want: session, from: envVar + "DEEPCALL_SSID"},
		"pair in the environment": {
			env:  env{"DEEPCALL_USER_ID": "u", "DEEPCALL_TOKEN": "t"},
			want: pair, from: envVar + "DEEPCALL_USER_ID and " + envVar + "DEEPCALL_TOKEN",
		},
		"an empty variable is none": {
			env:  env{"DEEPCALL_SSID": "", "DEEPCALL_USER_ID": "u", "DEEPCALL_TOKEN": "t"},
			want: pair, from: envVar + "DEEPCALL_USER_ID and " + envVar + "DEEPCALL_TOKEN",
		},

		"none":                          {fails: "Missing credentials"},
		"both in the block":             {block: providerModel{SSID: text("s"), UserID: text("u"), Token: text("t")}, fails: "Conflicting credentials", at: "ssid"},
		"ssid and user_id in the block": {block: providerModel{SSID: text("s"), UserID: text("u")}, fails: "Conflicting credentials", at: "ssid"},
		"ssid and token in the block":   {block: providerModel{SSID: text("s"), Token: text("t")}, fails: "Conflicting credentials", at: "ssid"},
		"both in the environment": {
			env: env{"DEEPCALL_SSID": "s", "DEEPCALL_USER_ID": "u", "DEEPCALL_TOKEN": "t"}, fails: "Conflicting credentials",
		},
		"ssid and user ID in the environment": {env: env{"DEEPCALL_SSID": "s", "DEEPCALL_USER_ID": "u"}, fails: "Conflicting credentials"},
		"ssid and token in the environment":   {env: env{"DEEPCALL_SSID": "s", "DEEPCALL_TOKEN": "t"}, fails: "Conflicting credentials"},
		"user_id alone in the block":          {block: providerModel{UserID: text("u")}, fails: "Incomplete credentials", at: "token"},
		"token alone in the block":            {block: providerModel{Token: text("t")}, fails: "Incomplete credentials", at: "user_id"},
		"user_id in the block, ssid in the environment": {
			block: providerModel{UserID: text("u")}, env: env{"DEEPCALL_SSID": "s"}, fails: "Incomplete credentials", at: "token",
		},
		"user ID alone in the environment": {env: env{"DEEPCALL_USER_ID": "u"}, fails: "Incomplete credentials", at: "token"},
		"token alone in the environment":   {env: env{"DEEPCALL_TOKEN": "t"}, fails: "Incomplete credentials", at: "user_id"},
		"empty ssid in the block": {
			block: providerModel{SSID: text("")}, env: env{"DEEPCALL_SSID": "s"}, fails: "Invalid credential", at: "ssid",
		},
		"empty user_id in the block": {
			block: providerModel{UserID: text(""), Token: text("t")}, env: env{"DEEPCALL_USER_ID": "u"}, fails: "Invalid credential", at: "user_id",
		},
		"empty token in the block": {
			block: providerModel{UserID: text("u"), Token: text("")}, env: env{"DEEPCALL_TOKEN": "t"}, fails: "Invalid credential", at: "token",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, diags := c.block.settings(environment(c.env))
			if summary, at := only(t, diags); summary != c.fails || at != c.at {
				t.Fatalf("failed with %q at %q, not %q at %q", summary, at, c.fails, c.at)
			}
			if c.fails != "" {
				return
			}
			if got := sentWith(t, s); got != c.want {
				t.Errorf("requests carry %+v, not %+v", got, c.want)
			}
			if s.credentialsFrom != c.from {
				t.Errorf("credentials from %s, not %s", s.credentialsFrom, c.from)
			}
		})
	}
}

// sentWith are the credentials of a request.
func sentWith(t *testing.T, s settings) deepcalltest.Credentials {
	t.Helper()
	api := deepcalltest.Start(t)
	base, err := url.Parse(api.URL())
	if err != nil {
		t.Fatal(err)
	}
	s.config.BaseURL = base
	s.providerData("", nil).client.Do(t.Context(), deepcall.Set, []string{"1"}, nil)
	sent := api.Requests()
	if len(sent) != 1 {
		t.Fatalf("%d requests, not 1", len(sent))
	}
	return sent[0].Credentials
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		block types.String
		env   string
		want  string // "" is a failure
		at    string
	}{
		"default":                     {want: "https://v4-api.deepcall.com"},
		"block":                       {block: text("https://a.example"), want: "https://a.example"},
		"environment":                 {env: "https://b.example", want: "https://b.example"},
		"block over environment":      {block: text("https://a.example"), env: "https://b.example", want: "https://a.example"},
		"a bad environment not asked": {block: text("https://a.example"), env: "nonsense", want: "https://a.example"},
		"prefix and slashes":          {block: text("https://a.example/deepcall//"), want: "https://a.example/deepcall"},
		"bad block":                   {block: text("nonsense"), env: "https://b.example", at: "base_url"},
		"empty block":                 {block: text(""), env: "https://b.example", at: "base_url"},
		"bad environment":             {env: "http://b.example"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := providerModel{SSID: text("s"), BaseURL: c.block}
			s, diags := b.settings(environment(map[string]string{"DEEPCALL_BASE_URL": c.env}))
			wanted := "Invalid base URL"
			if c.want != "" {
				wanted = ""
			}
			if summary, at := only(t, diags); summary != wanted || at != c.at {
				t.Fatalf("failed with %q at %q, not %q at %q", summary, at, wanted, c.at)
			}
			if c.want != "" && s.config.BaseURL.String() != c.want {
				t.Errorf("base URL %s, not %s", s.config.BaseURL, c.want)
			}
		})
	}
}

func TestDefaultsAndOverrides(t *testing.T) {
	t.Parallel()
	base, err := url.Parse("https://v4-api.deepcall.com")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		block providerModel
		want  deepcall.Config
	}{
		"defaults": {providerModel{}, deepcall.Config{
			RequestTimeout: time.Minute, MaxRetries: 4, BatchSize: 500, MaxConcurrentRequests: 1, MaxRemovals: -1,
		}},
		"all given": {providerModel{
			RequestTimeout: text("1m30s"), MaxRetries: whole(0), BatchSize: whole(7), MaxConcurrentRequests: whole(3), MaxRemovals: whole(9),
		}, deepcall.Config{
			RequestTimeout: 90 * time.Second, MaxRetries: 0, BatchSize: 7, MaxConcurrentRequests: 3, MaxRemovals: 9,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.block.SSID = text("s")
			c.want.BaseURL = base
			s, diags := c.block.settings(environment(nil))
			if diags.HasError() {
				t.Fatal(diags)
			}
			s.config.Credentials = deepcall.Credentials{} // TestCredentials looks at them
			if !reflect.DeepEqual(s.config, c.want) {
				t.Errorf("config %+v, not %+v", s.config, c.want)
			}
		})
	}
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ cli, appended, want string }{
		{"1.11.4", "", "terraform-provider-deepcall/1.2.3 Terraform/1.11.4"},
		{"", "", "terraform-provider-deepcall/1.2.3"},
		{"1.11.4", "ci/7 (nightly)", "terraform-provider-deepcall/1.2.3 Terraform/1.11.4 ci/7 (nightly)"},
		{"1.11.4", " a\r\nX-Evil: 1\x00é ", "terraform-provider-deepcall/1.2.3 Terraform/1.11.4 aX-Evil: 1"},
		{"1.11.4", " \n", "terraform-provider-deepcall/1.2.3 Terraform/1.11.4"},
	} {
		if got := userAgent("1.2.3", c.cli, c.appended); got != c.want {
			t.Errorf("userAgent(%q, %q) = %q, not %q", c.cli, c.appended, got, c.want)
		}
	}
}

func text(s string) types.String { return types.StringValue(s) }

// only is the summary and the attribute of the one diagnostic, or nothing.
func only(t *testing.T, diags diag.Diagnostics) (summary, at string) {
	t.Helper()
	switch {
	case len(diags) == 0:
		return "", ""
	case len(diags) > 1:
		t.Fatalf("more than one diagnostic: %v", diags)
	}
	if d, ok := diags[0].(diag.DiagnosticWithPath); ok {
		at = d.Path().String()
	}
	return diags[0].Summary(), at
}

func whole(n int64) types.Number { return types.NumberValue(big.NewFloat(float64(n))) }
