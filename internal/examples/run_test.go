package examples

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// run tries a sample as far as the CLI knows what is in it, and says in the log
// what it has done.
func (w *workshop) run(t *testing.T, s sample) {
	b := w.bench(t)
	found := contents{}
	for name, text := range s.files {
		if path.Ext(name) == ".tf" {
			text = b.prepare(t, name, text, &found)
		}
		if strings.HasSuffix(name, ".tftest.hcl") {
			found.tests = append(found.tests, name)
		}
		write(t, filepath.Join(b.folder, filepath.FromSlash(name)), text)
	}
	if !found.declared {
		write(t, filepath.Join(b.folder, "header.tf"), header)
	}
	switch {
	case len(found.ephemeral) > 0 && !w.knows.ephemeral:
		t.Log("parsed only: this CLI knows nothing ephemeral")
	case len(found.tests) > 0 && !w.knows.mocks:
		t.Log("parsed only: this CLI cannot mock a provider")
	case len(found.tests) > 0:
		b.runTests(t, s, found.tests)
	default:
		b.liveOnce(t, found)
	}
}

// contents are what a sample consists of.
type contents struct {
	resources, deepcall int // all of them, and those of this provider
	imports             int
	triggers            int      // of actions
	invoked             []string // actions that nothing triggers
	ephemeral           []string // resources in whose place stand variables
	tests               []string // files
	declared            bool     // says where the provider is from
}

// prepare returns a file as the sample shows it, but for the parts that the CLI
// cannot run here.
func (b *bench) prepare(t *testing.T, name, text string, found *contents) string {
	body := parse(t, name, text)
	for _, problem := range actionProblems(text, body, actionSchemas(t)) {
		t.Error(problem)
	}
	if b.knows.actions {
		found.triggers += len(triggers(body))
		found.invoked = append(found.invoked, untriggered(text, body)...)
	} else if actions := blocksOf(body, "action"); len(actions) > 0 {
		t.Logf("%d action(s) only held against the provider's schema: this CLI knows none", len(actions))
		text = withoutActions(t, text)
	}
	if len(blocksOf(body, "ephemeral")) > 0 {
		var values, replaced []string
		text, values, replaced = withoutOthers(t, text)
		b.env = append(b.env, values...)
		found.ephemeral = append(found.ephemeral, replaced...)
		t.Logf("run with a variable in place of %s, whose provider needs a server of its own", strings.Join(replaced, ", "))
	}
	for _, v := range blocksOf(body, "variable") {
		if v.Body.Attributes["default"] == nil {
			b.env = append(b.env, "TF_VAR_"+v.Labels[0]+"="+value(t, text, v))
		}
	}
	for _, r := range blocksOf(body, "resource") {
		found.resources++
		if strings.HasPrefix(r.Labels[0], "deepcall_") {
			found.deepcall++
		}
	}
	found.imports += len(blocksOf(body, "import"))
	if override := redirection(text, body, b.api.URL()); override != "" {
		write(t, filepath.Join(b.folder, strings.TrimSuffix(name, ".tf")+"_override.tf"), override)
	}
	found.declared = found.declared || declaresProvider(body)
	return text
}

var destroyed = regexp.MustCompile(`Destroy complete! Resources: ([1-9]\d*) destroyed`)

// liveOnce plans, applies, plans again and destroys.
func (b *bench) liveOnce(t *testing.T, found contents) {
	b.must(t, "init", "-input=false")
	b.must(t, "validate")
	if found.resources > 0 {
		b.must(t, "plan", "-out=plan")
		b.silent(t, "a plan")
		b.must(t, "apply", "plan")
		calls := b.received()
		switch {
		case found.imports > 0 && len(calls) > 0:
			t.Errorf("an import sent %q", calls)
		case found.imports == 0 && found.deepcall+found.triggers > 0 && len(calls) == 0:
			t.Error("an apply sent nothing")
		}
		t.Logf("applied; the server received %q", calls)
		b.must(t, "plan", "-detailed-exitcode")
		b.silent(t, "a second plan")
	}
	for _, action := range found.invoked {
		b.must(t, "apply", "-auto-approve", "-invoke="+action)
		calls := b.received()
		if len(calls) == 0 {
			t.Errorf("%s sent nothing", action)
		}
		t.Logf("invoked %s; the server received %q", action, calls)
	}
	if found.resources > 0 {
		if out := b.must(t, "destroy", "-auto-approve"); !destroyed.MatchString(out) {
			t.Errorf("nothing was destroyed:\n%s", out)
		}
		t.Logf("planned again: no changes; destroyed; the server received %q", b.received())
	}
}

// silent fails the test if the server has received anything.
func (b *bench) silent(t *testing.T, after string) {
	t.Helper()
	if calls := b.received(); len(calls) > 0 {
		t.Errorf("%s sent %q", after, calls)
	}
}

// runTests runs a module's tests: as they are shown, with a mocked provider, and
// with the provider itself.
func (b *bench) runTests(t *testing.T, s sample, tests []string) {
	b.must(t, "init", "-input=false")
	t.Log(lastLine(b.must(t, "test")))
	b.silent(t, "a test with a mocked provider")

	for _, name := range tests {
		if !strings.Contains(s.files[name], `mock_provider "deepcall"`) {
			t.Errorf("%s mocks no provider", name)
		}
		write(t, filepath.Join(b.folder, filepath.FromSlash(name)),
			strings.ReplaceAll(s.files[name], `mock_provider "deepcall"`, `provider "deepcall"`))
	}
	t.Log(lastLine(b.must(t, "test")))
	calls := b.received()
	if len(calls) == 0 {
		t.Error("a test with the provider itself sent nothing")
	}
	t.Logf("with the provider itself, the server received %q", calls)
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// runImportCommand runs import.sh beside the resources of its page.
func (w *workshop) runImportCommand(t *testing.T, folder string) {
	b := w.bench(t)
	write(t, filepath.Join(b.folder, "main.tf"), read(t, filepath.Join(folder, "resource.tf")))
	write(t, filepath.Join(b.folder, "header.tf"), header)
	b.must(t, "init", "-input=false")

	var commands int
	for line := range strings.Lines(read(t, filepath.Join(folder, "import.sh"))) {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if len(words) != 4 || !slices.Equal(words[:2], []string{"terraform", "import"}) {
			t.Fatalf("not an import: %s", line)
		}
		commands++
		if out := b.must(t, words[1:]...); !strings.Contains(out, "Imported without a check") {
			t.Errorf("no warning that nothing was checked:\n%s", out)
		}
		if state := b.must(t, "state", "show", words[2]); !strings.Contains(state, `"`+strings.ReplaceAll(words[3], ",", "\",\n        \"")+`"`) {
			t.Errorf("imported %s, but the state is\n%s", words[3], state)
		}
	}
	if commands == 0 {
		t.Error("import.sh holds no command")
	}
	b.silent(t, "an import")
}
