package examples

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// contents are what a sample consists of.
type contents struct {
	resources, deepcall int // all of them, and those of this provider
	imports             int
	triggers            int      // of actions
	invoked             []string // actions that nothing triggers
	ephemeral           bool     // resources in whose place stand variables
	tests               []string // files
	declared            bool     // says where the provider is from
}

// run tries a sample as far as the CLI knows what is in it, and says in the log
// what it has done.
func (b *trial) run(s sample) {
	found := contents{}
	for name, text := range s.files {
		if path.Ext(name) == ".tf" {
			text = b.prepare(name, text, &found)
		}
		if strings.HasSuffix(name, ".tftest.hcl") {
			found.tests = append(found.tests, name)
		}
		b.Write(name, text)
	}
	if !found.declared {
		b.Write("header.tf", header)
	}
	switch {
	case found.ephemeral && !box.Version.HasEphemeral():
		b.t.Log("parsed only: this CLI knows nothing ephemeral")
	case len(found.tests) > 0 && !box.Version.HasMocks():
		b.t.Log("parsed only: this CLI cannot mock a provider")
	case len(found.tests) > 0:
		b.runTests(s, found.tests)
	default:
		b.liveOnce(found)
	}
}

// prepare returns a file as the sample shows it, but for the parts that the CLI
// cannot run here.
func (b *trial) prepare(name, text string, found *contents) string {
	body := parse(b.t, name, text)
	for _, problem := range actionProblems(b.t, body) {
		b.t.Error(problem)
	}
	if box.Version.HasActions() {
		found.triggers += len(triggers(body))
		found.invoked = append(found.invoked, untriggered(text, body)...)
	} else if actions := blocksOf(body, "action"); len(actions) > 0 {
		b.t.Logf("%d action(s) only compared with the provider's schema: this CLI knows none", len(actions))
		text = withoutActions(text, body)
		body = parse(b.t, name, text)
	}
	if len(blocksOf(body, "ephemeral")) > 0 {
		found.ephemeral = true
		text = b.withoutOthers(text, body)
		body = parse(b.t, name, text)
	}
	b.setVariables(text, body)
	for _, r := range blocksOf(body, "resource") {
		found.resources++
		if strings.HasPrefix(r.Labels[0], "deepcall_") {
			found.deepcall++
		}
	}
	found.imports += len(blocksOf(body, "import"))
	found.declared = found.declared || strings.Contains(text, "required_providers")
	return text
}

var destroyed = regexp.MustCompile(`Destroy complete! Resources: ([1-9]\d*) destroyed`)

// liveOnce plans, applies, plans again and destroys.
func (b *trial) liveOnce(found contents) {
	b.Exits(0, "init")
	b.Exits(0, "validate")
	if found.resources > 0 {
		b.Exits(0, "plan", "-out=plan")
		b.sends(false, "a plan")
		b.Exits(0, "apply", "plan")
		b.sends(found.imports == 0 && found.deepcall+found.triggers > 0, "an apply")
		b.Exits(0, "plan", "-detailed-exitcode")
		b.sends(false, "a second plan")
	}
	for _, action := range found.invoked {
		b.Exits(0, "apply", "-auto-approve", "-invoke="+action)
		b.sends(true, "invoking "+action)
	}
	if found.resources > 0 {
		if r := b.Exits(0, "destroy", "-auto-approve"); !destroyed.MatchString(r.Output) {
			b.t.Errorf("nothing was destroyed:\n%s", r.Output)
		}
	}
}

// runTests runs a module's tests: as they are shown, with a mocked provider, and
// with the provider itself.
func (b *trial) runTests(s sample, tests []string) {
	b.Exits(0, "init")
	b.Exits(0, "test")
	b.sends(false, "a test with a mocked provider")
	for _, name := range tests {
		if !strings.Contains(s.files[name], `mock_provider "deepcall"`) {
			b.t.Errorf("%s mocks no provider", name)
		}
		b.Write(name, strings.ReplaceAll(s.files[name], `mock_provider "deepcall"`, `provider "deepcall"`))
	}
	b.Exits(0, "test")
	b.sends(true, "a test with the provider itself")
}

// runImportCommand runs import.sh beside the resources of its page.
func (b *trial) runImportCommand(folder string) {
	b.Write("main.tf", header+read(b.t, folder+"resource.tf"))
	b.Exits(0, "init")
	var commands int
	for line := range strings.Lines(read(b.t, folder+"import.sh")) {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if len(words) != 4 || !slices.Equal(words[:2], []string{"terraform", "import"}) {
			b.t.Fatalf("not an import: %s", line)
		}
		commands++
		b.Exits(0, words[1:]...).Says(b.t, "Imported without verification")
		if got := strings.Join(b.State()[words[2]].Agents, ","); got != words[3] {
			b.t.Errorf("imported %s, but the state has %s", words[3], got)
		}
	}
	if commands == 0 {
		b.t.Error("import.sh has no command")
	}
	b.sends(false, "an import")
}
