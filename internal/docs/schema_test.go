package docs

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/deepcall/terraform-provider-deepcall/internal/provider"
)

// claim is what users rely on of an attribute, in the words of the documents.
type claim struct {
	kind        string // type in the language of the CLI; not compared where it is empty
	byDefault   string
	source      string // line of code that the default comes from
	environment string
	sensitive   bool
}

// contract has all attributes of the provider block, and others with a default.
var contract = map[string]claim{
	"provider.base_url":                        {kind: "tftypes.String", byDefault: "https://v4-api.deepcall.com", source: `DefaultBaseURL = "https://v4-api.deepcall.com"`, environment: "DEEPCALL_BASE_URL"},
	"provider.ssid":                            {kind: "tftypes.String", environment: "DEEPCALL_SSID", sensitive: true},
	"provider.user_id":                         {kind: "tftypes.String", environment: "DEEPCALL_USER_ID"},
	"provider.token":                           {kind: "tftypes.String", environment: "DEEPCALL_TOKEN", sensitive: true},
	"provider.request_timeout":                 {kind: "tftypes.String", byDefault: "60s", source: "defaultRequestTimeout = 60 * time.Second"},
	"provider.max_retries":                     {kind: "tftypes.Number", byDefault: "4", source: "defaultMaxRetries = 4"},
	"provider.batch_size":                      {kind: "tftypes.Number", byDefault: "500", source: "defaultBatchSize = 500"},
	"provider.max_concurrent_requests":         {kind: "tftypes.Number", byDefault: "1", source: "defaultMaxConcurrentRequests = 1"},
	"provider.max_removals":                    {kind: "tftypes.Number"},
	"deepcall_agent_cad.unset_on_removal":      {byDefault: "false", source: "Default: booldefault.StaticBool(false),"},
	"deepcall_agent_cad.timeouts.create":       timeout,
	"deepcall_agent_cad.timeouts.update":       timeout,
	"deepcall_agent_cad.timeouts.delete":       timeout,
	"deepcall_agent_cad_set.timeouts.invoke":   timeout,
	"deepcall_agent_cad_unset.timeouts.invoke": timeout,
}

var timeout = claim{byDefault: "20m", source: "defaultTimeout = 20 * time.Minute"}

// schema is all that the provider has, by name, and each attribute under that of
// what it belongs to.
func schema(t *testing.T) (names []string, attributes map[string]*tfprotov6.SchemaAttribute) {
	t.Helper()
	s, err := providerserver.NewProtocol6(provider.New("test"))().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(s.Diagnostics) > 0 {
		t.Fatal(err, s.Diagnostics)
	}
	attributes = map[string]*tfprotov6.SchemaAttribute{}
	add := func(name string, of *tfprotov6.Schema) {
		names = append(names, name)
		for _, a := range of.Block.Attributes {
			attributes[name+"."+a.Name] = a
			if a.NestedType != nil {
				for _, nested := range a.NestedType.Attributes {
					attributes[name+"."+a.Name+"."+nested.Name] = nested
				}
			}
		}
	}
	add("provider", s.Provider)
	for name, of := range s.ResourceSchemas {
		add(name, of)
	}
	for name, of := range s.ActionSchemas {
		add(name, of.Schema)
	}
	return names, attributes
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

func TestContract(t *testing.T) {
	_, attributes := schema(t)
	for name, a := range attributes {
		c, found := contract[name]
		if strings.HasPrefix(name, "provider.") && (!found || !a.Optional || a.Sensitive != c.sensitive || a.Type.String() != c.kind) {
			t.Errorf("%s: type %s, sensitive %t, optional %t; the contract has %+v", name, a.Type, a.Sensitive, a.Optional, c)
		}
		if got := described(a.Description, "Default"); got != c.byDefault {
			t.Errorf("%s: its description gives the default %q, want %q", name, got, c.byDefault)
		}
		if got := described(a.Description, "Environment"); got != c.environment {
			t.Errorf("%s: its description names the variable %q, want %q", name, got, c.environment)
		}
	}
	for name, c := range contract {
		if attributes[name] == nil || c.source != "" && !hasCode(t, c.source) {
			t.Errorf("%s: there is none, or no code says %s", name, c.source)
		}
	}
}

// Every variable that a document names is one that the provider reads, and the
// README and the provider's page name all of those.
func TestEnvironmentVariables(t *testing.T) {
	documented, read := map[string]bool{}, map[string]bool{}
	for _, c := range contract {
		documented[c.environment] = true
	}
	delete(documented, "")
	for _, m := range findAll(product(t), `"(DEEPCALL_[A-Z_]+)"`) {
		read[m.groups[1]] = true
	}
	if !maps.Equal(read, documented) {
		t.Errorf("the provider reads %v, and the contract has %v", read, documented)
	}
	check(t, findAll(documents(t), `\bDEEPCALL_[A-Z][A-Z_]*\b`), 10, func(groups []string) string {
		if read[groups[0]] {
			return ""
		}
		return "the provider does not read " + groups[0]
	})
	for _, d := range glob(t, "README.md", "docs/index.md") {
		for name := range documented {
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
	known, attributes := schema(t)
	for _, a := range attributes {
		known = append(known, a.Name)
	}
	known = append(known, notOurs...)
	// "name" and "name = value"; a word without an underscore may be anything.
	var named []match
	for _, d := range documents(t) {
		named = append(named, d.findIn(d.prose(), "`([a-z]+(?:_[a-z]+)+)(?: = [^`\n]*)?`")...)
	}
	check(t, named, 50, func(groups []string) string {
		if slices.Contains(known, groups[1]) {
			return ""
		}
		return groups[1] + " is neither in the schema nor among Terraform's words"
	})
}
