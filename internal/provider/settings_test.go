package provider

import (
	"math/big"
	"reflect"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

func str(s string) types.String { return types.StringValue(s) }

func whole(n int64) types.Number { return types.NumberValue(big.NewFloat(float64(n))) }

// What is wrong with a block or the environment is in TestBadConfiguration, and what
// comes of the credentials in TestCredentials.
func TestSettings(t *testing.T) {
	t.Parallel()
	defaults := deepcall.Config{RequestTimeout: time.Minute, MaxRetries: 4, BatchSize: 500, MaxConcurrentRequests: 1, MaxRemovals: -1}
	for name, c := range map[string]struct {
		block providerModel
		env   string // DEEPCALL_BASE_URL
		url   string
		want  deepcall.Config // beside the URL
	}{
		"defaults": {url: "https://v4-api.deepcall.com", want: defaults},
		"all given": {
			block: providerModel{
				RequestTimeout: str("1m30s"), MaxRetries: whole(0), BatchSize: whole(7), MaxConcurrentRequests: whole(3), MaxRemovals: whole(9),
				BaseURL: str("https://a.example"),
			},
			env: "nonsense", url: "https://a.example",
			want: deepcall.Config{RequestTimeout: 90 * time.Second, MaxRetries: 0, BatchSize: 7, MaxConcurrentRequests: 3, MaxRemovals: 9},
		},
		"URL in the environment": {env: "https://b.example/deepcall//", url: "https://b.example/deepcall", want: defaults},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			got := c.block.config(func(name string) string { return map[string]string{"DEEPCALL_BASE_URL": c.env}[name] }, &diags)
			if len(diags) > 0 || got.BaseURL.String() != c.url {
				t.Fatalf("base URL %s, not %s; %v", got.BaseURL, c.url, diags)
			}
			got.BaseURL = nil
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("config %+v, not %+v", got, c.want)
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
