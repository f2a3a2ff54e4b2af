package docs

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/deepcall/terraform-provider-deepcall/internal/provider"
)

// contract is what users rely on, in the words of the documents: for each
// attribute of the provider block, and for others that have a default.
var contract = []struct {
	attribute   string
	kind        string // type in the language of the CLI
	byDefault   string
	source      string // line of code that the default comes from
	environment string
	sensitive   bool
}{
	{attribute: "base_url", kind: "tftypes.String", byDefault: "https://v4-api.deepcall.com", source: `DefaultBaseURL = "https://v4-api.deepcall.com"`, environment: "DEEPCALL_BASE_URL"},
	{attribute: "ssid", kind: "tftypes.String", environment: "DEEPCALL_SSID", sensitive: true},
	{attribute: "user_id", kind: "tftypes.String", environment: "DEEPCALL_USER_ID"},
	{attribute: "token", kind: "tftypes.String", environment: "DEEPCALL_TOKEN", sensitive: true},
	{attribute: "request_timeout", kind: "tftypes.String", byDefault: "60s", source: "defaultRequestTimeout = 60 * time.Second"},
	{attribute: "max_retries", kind: "tftypes.Number", byDefault: "4", source: "defaultMaxRetries = 4"},
	{attribute: "batch_size", kind: "tftypes.Number", byDefault: "500", source: "defaultBatchSize = 500"},
	{attribute: "max_concurrent_requests", kind: "tftypes.Number", byDefault: "1", source: "defaultMaxConcurrentRequests = 1"},
	{attribute: "max_removals", kind: "tftypes.Number"},
}

// schemas are the provider's.
func schemas(t *testing.T) *tfprotov6.GetProviderSchemaResponse {
	t.Helper()
	s, err := providerserver.NewProtocol6(provider.New("test"))().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(s.Diagnostics) > 0 {
		t.Fatal(err, s.Diagnostics)
	}
	return s
}

// described is what the description says behind a word, between backquotes.
func described(description, word string) string {
	var found []string
	for _, m := range regexp.MustCompile(word+": `([^`]+)`").FindAllStringSubmatch(description, -1) {
		found = append(found, m[1])
	}
	return strings.Join(found, " and ")
}

// hasCode tells whether a line of code is in the product, however its words are
// spaced.
func hasCode(t *testing.T, line string) bool {
	t.Helper()
	spaced := `\b` + strings.Join(strings.Fields(regexp.QuoteMeta(line)), `\s+`) + `\n`
	return len(findAll(product(t), spaced)) > 0
}

func TestProviderBlock(t *testing.T) {
	attributes := schemas(t).Provider.Block.Attributes
	if len(attributes) != len(contract) {
		t.Errorf("the provider block has %d attributes, want %d", len(attributes), len(contract))
	}
	for _, c := range contract {
		i := slices.IndexFunc(attributes, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == c.attribute })
		if i < 0 {
			t.Errorf("the provider block has no %s", c.attribute)
			continue
		}
		a := attributes[i]
		if a.Type.String() != c.kind || a.Sensitive != c.sensitive || !a.Optional {
			t.Errorf("%s: type %s, sensitive %t, optional %t", a.Name, a.Type, a.Sensitive, a.Optional)
		}
		if got := described(a.Description, "Default"); got != c.byDefault {
			t.Errorf("%s: its description gives the default %q, want %q", a.Name, got, c.byDefault)
		}
		if c.source != "" && !hasCode(t, c.source) {
			t.Errorf("%s: no code says %s", a.Name, c.source)
		}
		if got := described(a.Description, "Environment"); got != c.environment {
			t.Errorf("%s: its description names the variable %q, want %q", a.Name, got, c.environment)
		}
	}
}

// The timeouts of the resource and the actions have one default.
func TestDefaults(t *testing.T) {
	got := map[string]string{}
	note := func(of string, block *tfprotov6.SchemaBlock) {
		for _, a := range block.Attributes {
			if a.NestedType != nil {
				for _, nested := range a.NestedType.Attributes {
					got[of+a.Name+"."+nested.Name] = described(nested.Description, "Default")
				}
			} else if text := described(a.Description, "Default"); text != "" {
				got[of+a.Name] = text
			}
		}
	}
	s := schemas(t)
	note("", s.ResourceSchemas["deepcall_agent_cad"].Block)
	note("set ", s.ActionSchemas["deepcall_agent_cad_set"].Schema.Block)
	note("unset ", s.ActionSchemas["deepcall_agent_cad_unset"].Schema.Block)
	want := map[string]string{
		"unset_on_removal": "false", "timeouts.create": "20m", "timeouts.update": "20m", "timeouts.delete": "20m",
		"set timeouts.invoke": "20m", "unset timeouts.invoke": "20m",
	}
	for name := range got {
		if got[name] != want[name] {
			t.Errorf("%s: its description gives the default %q, want %q", name, got[name], want[name])
		}
	}
	if len(got) != len(want) {
		t.Errorf("defaults of %v, want %v", got, want)
	}
	for _, line := range []string{"defaultTimeout = 20 * time.Minute", "Default: booldefault.StaticBool(false),"} {
		if !hasCode(t, line) {
			t.Errorf("no code says %s", line)
		}
	}
}

// Every variable that a document names is one that the provider reads, and the
// README and the provider's page name all of those.
func TestEnvironmentVariables(t *testing.T) {
	read := map[string]bool{}
	for _, m := range findAll(product(t), `"(DEEPCALL_[A-Z_]+)"`) {
		read[m.groups[1]] = true
	}
	documented := map[string]bool{}
	for _, c := range contract {
		if name := c.environment; name != "" {
			documented[name] = true
			if !read[name] {
				t.Errorf("the provider does not read %s", name)
			}
		}
	}
	for name := range read {
		if !documented[name] {
			t.Errorf("the provider reads %s, which is not in the contract", name)
		}
	}
	for _, d := range documents(t) {
		for _, m := range d.find(`\bDEEPCALL_[A-Z][A-Z_]*\b`) {
			if !documented[m.groups[0]] {
				t.Errorf("%s: the provider does not read %s", m.at, m.groups[0])
			}
		}
		for name := range documented {
			if (d.name == "README.md" || d.name == "docs/index.md") && !strings.Contains(d.text, "`"+name+"`") {
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
	s := schemas(t)
	known := slices.Clone(notOurs)
	blocks := []*tfprotov6.SchemaBlock{s.Provider.Block}
	for name, schema := range s.ResourceSchemas {
		known, blocks = append(known, name), append(blocks, schema.Block)
	}
	for name, schema := range s.ActionSchemas {
		known, blocks = append(known, name), append(blocks, schema.Schema.Block)
	}
	for _, b := range blocks {
		for _, a := range b.Attributes {
			known = append(known, a.Name)
		}
	}
	checked := 0
	for _, d := range documents(t) {
		// "name" and "name = value"; a word without an underscore may be anything.
		for _, m := range d.findIn(d.prose(), "`([a-z]+(?:_[a-z]+)+)(?: = [^`\n]*)?`") {
			checked++
			if !slices.Contains(known, m.groups[1]) {
				t.Errorf("%s: %s is neither in the schema nor among Terraform's words", m.at, m.groups[1])
			}
		}
	}
	enough(t, checked, 50)
}
