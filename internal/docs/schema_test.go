package docs

import (
	"path"
	"regexp"
	"strings"
	"testing"
)

// contract is what users rely on: all attributes, with what their descriptions
// say, and the defaults in the code. None is required.
const contract = `
index: base_url (String), Environment DEEPCALL_BASE_URL, Default https://v4-api.deepcall.com
index: batch_size (Number), Default 500
index: max_concurrent_requests (Number), Default 1
index: max_removals (Number)
index: max_retries (Number), Default 4
index: request_timeout (String), Default 60s
index: ssid (String, Sensitive), Environment DEEPCALL_SSID
index: token (String, Sensitive), Environment DEEPCALL_TOKEN
index: user_id (String), Environment DEEPCALL_USER_ID
agent_cad: agent_ids (Set of String)
agent_cad: agents (Map of String)
agent_cad: timeouts (Attributes)
agent_cad: triggers (Map of String)
agent_cad: unset_on_removal (Boolean), Default false
agent_cad: create (String), Default 20m
agent_cad: delete (String), Default 20m
agent_cad: update (String), Default 20m
agent_cad_set: agent_ids (Set of String)
agent_cad_set: agents (Map of String)
agent_cad_set: timeouts (Attributes)
agent_cad_set: invoke (String), Default 20m
agent_cad_unset: agent_ids (Set of String)
agent_cad_unset: agents (Map of String)
agent_cad_unset: timeouts (Attributes)
agent_cad_unset: invoke (String), Default 20m
Default: booldefault.StaticBool(false),
defaultTimeout = 20 * time.Minute
defaultRequestTimeout = 60 * time.Second
defaultMaxRetries = 4
defaultBatchSize = 500
defaultMaxConcurrentRequests = 1
DefaultBaseURL = "https://v4-api.deepcall.com"
`

// attributes are those that the generated pages list, each behind its page.
func attributes(t *testing.T) []match {
	t.Helper()
	return find("(?m)^- `(\\w+)` \\((.+?)\\) (.+)$", glob(t, "docs/index.md", "docs/resources/*.md", "docs/actions/*.md")...)
}

func TestContract(t *testing.T) {
	facts := regexp.MustCompile("(Default|Environment): `([^`]+)`")
	got := "\n"
	for _, m := range attributes(t) {
		page, _, _ := strings.Cut(path.Base(m.at), ".")
		got += page + ": " + m.groups[1] + " (" + m.groups[2] + ")"
		for _, fact := range facts.FindAllStringSubmatch(m.groups[3], -1) {
			got += ", " + fact[1] + " " + fact[2]
		}
		got += "\n"
	}
	for _, m := range find(`(?m)\b[Dd]efault(?:\w+ += |: +booldefault).*$`, product(t)...) {
		got += strings.Join(strings.Fields(m.groups[0]), " ") + "\n"
	}
	if got != contract {
		t.Errorf("the pages and the code have%s\nwant%s", got, contract)
	}
	check(t, find(`### Required`, documents(t)...), 0, func([]string) string { return "an attribute is required" })
}

// Few CLIs know actions. With those, internal/examples tries these samples.
func TestArgumentsOfActions(t *testing.T) {
	config := regexp.MustCompile(`^ {2}config \{\n {4}(\w+) += .*\n {2}\}\n$`)
	actions := find(`(?ms)^action "deepcall_(\w+)" "\w+" \{\n(.*?)^\}$`, glob(t, "examples/*/*.tf", "examples/*/*/*.tf")...)
	check(t, actions, 3, func(groups []string) string {
		argument := config.FindStringSubmatch(groups[2])
		if argument != nil && len(find("(?m)^- `"+argument[1]+"` \\(", read(t, "docs/actions/"+groups[1]+".md"))) == 1 {
			return ""
		}
		return groups[1] + " has no such config"
	})
}

// Every variable that a document names is one that the provider reads, and the
// README and the provider's page name all of those.
func TestEnvironmentVariables(t *testing.T) {
	variables := names(find(`"(DEEPCALL_[A-Z_]+)"`, product(t)...))
	check(t, find(`\b(DEEPCALL_[A-Z][A-Z_]*)\b`, documents(t)...), 10, among(variables, "the provider does not read it"))
	for _, d := range glob(t, "README.md", "docs/index.md") {
		for name := range variables {
			if !strings.Contains(d.text, "`"+name+"`") {
				t.Errorf("%s does not name %s", d.name, name)
			}
		}
	}
}

// others are the names of the resource and the actions, and the words with an
// underscore that documents take from Terraform.
var others = []string{
	"deepcall_agent_cad", "deepcall_agent_cad_set", "deepcall_agent_cad_unset",
	"after_create", "after_destroy", "after_update", "allow_unverified", "before_destroy", "create_before_destroy", "dev_overrides",
	"filesystem_mirror", "for_each", "ignore_changes", "mock_provider", "mock_resource", "network_mirror", "on_failure",
	"prevent_destroy", "provider_installation", "pull_request_target", "replace_triggered_by", "required_providers", "terraform_data",
}

// Every attribute that a document names by its name alone is one.
func TestAttributes(t *testing.T) {
	known := names(attributes(t))
	for _, word := range others {
		known[word] = true
	}
	// "name" and "name = value"; a word without an underscore may be anything.
	named := find("`([a-z]+(?:_[a-z]+)+)(?: = [^`\n]*)?`", prose(documents(t)...)...)
	check(t, named, 50, among(known, "neither in the schema nor among Terraform's words"))
}
