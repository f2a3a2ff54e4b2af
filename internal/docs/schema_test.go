package docs

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/defaults"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/deepcall/terraform-provider-deepcall/internal/provider"
)

// contract is what users rely on, in the words of the documents. The schema and
// the constants in the sources are held against it.
var contract = []struct {
	attribute   string
	kind        string // type in the language of the CLI
	byDefault   string
	constant    string // that the default comes from
	environment string
	sensitive   bool
}{
	{attribute: "base_url", kind: "tftypes.String", byDefault: "https://v4-api.deepcall.com", constant: "DefaultBaseURL", environment: "DEEPCALL_BASE_URL"},
	{attribute: "ssid", kind: "tftypes.String", environment: "DEEPCALL_SSID", sensitive: true},
	{attribute: "user_id", kind: "tftypes.String", environment: "DEEPCALL_USER_ID"},
	{attribute: "token", kind: "tftypes.String", environment: "DEEPCALL_TOKEN", sensitive: true},
	{attribute: "request_timeout", kind: "tftypes.String", byDefault: "60s", constant: "defaultRequestTimeout"},
	{attribute: "max_retries", kind: "tftypes.Number", byDefault: "4", constant: "defaultMaxRetries"},
	{attribute: "batch_size", kind: "tftypes.Number", byDefault: "500", constant: "defaultBatchSize"},
	{attribute: "max_concurrent_requests", kind: "tftypes.Number", byDefault: "1", constant: "defaultMaxConcurrentRequests"},
}

var (
	describedDefault     = regexp.MustCompile("Default: `([^`]+)`")
	describedEnvironment = regexp.MustCompile("Environment: `([^`]+)`")
)

// described is the only thing that a pattern finds in a description, or nothing.
func described(description string, pattern *regexp.Regexp) string {
	var found []string
	for _, m := range pattern.FindAllStringSubmatch(description, -1) {
		found = append(found, m[1])
	}
	return strings.Join(found, " and ")
}

func TestProviderBlock(t *testing.T) {
	_, schemas := server(t)
	constants := constants(t)
	if n := len(schemas.Provider.Block.Attributes); n != len(contract) {
		t.Errorf("the provider block has %d attributes, want %d", n, len(contract))
	}
	for _, c := range contract {
		i := slices.IndexFunc(schemas.Provider.Block.Attributes, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == c.attribute })
		if i < 0 {
			t.Errorf("the provider block has no %s", c.attribute)
			continue
		}
		a := schemas.Provider.Block.Attributes[i]
		if a.Type.String() != c.kind || a.Sensitive != c.sensitive || !a.Optional {
			t.Errorf("%s: type %s, sensitive %t, optional %t", a.Name, a.Type, a.Sensitive, a.Optional)
		}
		if got := described(a.Description, describedDefault); got != c.byDefault {
			t.Errorf("%s: its description gives the default %q, want %q", a.Name, got, c.byDefault)
		}
		if c.constant != "" && constants[c.constant] != c.byDefault {
			t.Errorf("%s: the constant %s is %q, want %q", a.Name, c.constant, constants[c.constant], c.byDefault)
		}
		if got := described(a.Description, describedEnvironment); got != c.environment {
			t.Errorf("%s: its description names the variable %q, want %q", a.Name, got, c.environment)
		}
	}
}

// The timeouts of the resource and the actions have one default.
func TestTimeouts(t *testing.T) {
	_, schemas := server(t)
	if got := constants(t)["defaultTimeout"]; got != "20m0s" {
		t.Errorf("the constant defaultTimeout is %q, want 20m0s", got)
	}
	of := func(block *tfprotov6.SchemaBlock) map[string]string {
		found := map[string]string{}
		for _, a := range block.Attributes {
			if a.Name == "timeouts" {
				for _, timeout := range a.NestedType.Attributes {
					found[timeout.Name] = described(timeout.Description, describedDefault)
				}
			}
		}
		return found
	}
	ofResource := of(schemas.ResourceSchemas[resourceType].Block)
	ofAction := of(schemas.ActionSchemas[actionType].Schema.Block)
	for name, got := range map[string]string{
		"create": ofResource["create"], "update": ofResource["update"], "delete": ofResource["delete"], "invoke": ofAction["invoke"],
	} {
		if got != "20m" {
			t.Errorf("%s: its description gives the default %q, want 20m", name, got)
		}
	}
	if len(ofResource) != 3 || len(ofAction) != 1 {
		t.Errorf("timeouts of the resource: %v; of the action: %v", ofResource, ofAction)
	}
}

func TestUnsetOnRemoval(t *testing.T) {
	var resp resource.SchemaResponse
	provider.New("test").Resources(t.Context())[0]().Schema(t.Context(), resource.SchemaRequest{}, &resp)
	a, ok := resp.Schema.Attributes["unset_on_removal"].(schema.BoolAttribute)
	if !ok {
		t.Fatalf("unset_on_removal is %T", resp.Schema.Attributes["unset_on_removal"])
	}
	var byDefault defaults.BoolResponse
	a.Default.DefaultBool(t.Context(), defaults.BoolRequest{}, &byDefault)
	if got := described(a.MarkdownDescription, describedDefault); got != "false" || byDefault.PlanValue.ValueBool() {
		t.Errorf("its description gives the default %q, the schema %s; want false", got, byDefault.PlanValue)
	}
}

// Every variable that a document names is one that the provider reads, and the
// README and the provider's page name all of those.
func TestEnvironmentVariables(t *testing.T) {
	variable := regexp.MustCompile(`\bDEEPCALL_[A-Z][A-Z_]*\b`)
	var known []string
	for name, value := range constants(t) {
		if strings.HasPrefix(name, "env") {
			known = append(known, value)
		}
	}
	slices.Sort(known)
	var want []string
	for _, c := range contract {
		if c.environment != "" {
			want = append(want, c.environment)
		}
	}
	slices.Sort(want)
	if !slices.Equal(known, want) {
		t.Errorf("the provider reads %q, want %q", known, want)
	}
	for _, d := range documents(t) {
		for _, m := range d.find(variable) {
			if !slices.Contains(known, m.groups[0]) {
				t.Errorf("%s: the provider does not read %s", m.at, m.groups[0])
			}
		}
		if d.name != "README.md" && d.name != "docs/index.md" {
			continue
		}
		for _, name := range known {
			if !strings.Contains(d.text, "`"+name+"`") {
				t.Errorf("%s does not name %s", d.name, name)
			}
		}
	}
}

// notOurs are words with an underscore that documents take from Terraform.
var notOurs = []string{
	"after_create", "after_destroy", "after_update", "allow_unverified", "before_destroy", "create_before_destroy", "dev_overrides",
	"filesystem_mirror", "for_each", "ignore_changes", "mock_provider", "mock_resource", "network_mirror", "on_failure",
	"prevent_destroy", "provider_installation", "pull_request_target", "replace_triggered_by", "required_providers", "terraform_data",
}

// Every attribute that a document names by its name alone is one.
func TestAttributes(t *testing.T) {
	_, schemas := server(t)
	known := slices.Clone(notOurs)
	blocks := []*tfprotov6.SchemaBlock{schemas.Provider.Block}
	for name, schema := range schemas.ResourceSchemas {
		known, blocks = append(known, name), append(blocks, schema.Block)
	}
	for name, schema := range schemas.ActionSchemas {
		known, blocks = append(known, name), append(blocks, schema.Schema.Block)
	}
	for _, b := range blocks {
		for _, a := range b.Attributes {
			known = append(known, a.Name)
		}
	}
	checked := 0
	for _, d := range documents(t) {
		for _, m := range d.spans() {
			// "name" and "name = value"; a word without an underscore may be anything.
			name, _, _ := strings.Cut(m.groups[1], " = ")
			if !regexp.MustCompile(`^[a-z]+(_[a-z]+)+$`).MatchString(name) {
				continue
			}
			checked++
			if !slices.Contains(known, name) {
				t.Errorf("%s: %s is neither in the schema nor among Terraform's words", m.at, name)
			}
		}
	}
	if checked < 50 {
		t.Errorf("found %d attributes: they are not read as such", checked)
	}
}
