package docs

import (
	"cmp"
	"maps"
	"testing"
)

// guide is the troubleshooting guide, as it is written and not yet generated.
const guide = "templates/guides/troubleshooting.md"

// The guide has a section for each diagnostic, under its summary. Those of the
// golden files are what the provider prints; the sources may have more that no
// test provokes.
func TestEveryDiagnosticIsInTheGuide(t *testing.T) {
	printed := map[string]string{}
	collect := func(files []document, pattern string) {
		found := findAll(files, pattern)
		for _, m := range found {
			printed[m.groups[1]] = m.at
		}
		if len(found) < 10 {
			t.Fatalf("found %d summaries in %s and others: they are not read as such", len(found), files[0].name)
		}
	}
	collect(glob(t, "internal/provider/testdata/diagnostics/*.txt"), `(?m)^(?:ERROR|WARNING) at "[^"]*": (.+)$`)
	collect(product(t), `(?:(?:Diagnostic|AddError|AddWarning|AddAttributeError|AddAttributeWarning)\((?:[^\n]*?, )?|advice\{)"([A-Z][^"\n]+)"`)

	sections := map[string]bool{}
	d := read(t, guide)
	for _, m := range d.findIn(d.prose(), `(?m)^### (.+)$`) {
		sections[m.groups[1]] = true
		if printed[m.groups[1]] == "" {
			t.Errorf("%s: nothing prints %q", m.at, m.groups[1])
		}
	}
	for summary, at := range printed {
		if !sections[summary] {
			t.Errorf("%s: %s has no section %q", at, guide, "### "+summary)
		}
	}
}

// The guide lists the codes whose texts the client knows, and these texts.
func TestCodes(t *testing.T) {
	listed, known := map[string]string{}, map[string]string{}
	for _, m := range read(t, guide).find(`(?m)^\| (\d{4}) \| ([^|]+?) \|`) {
		listed[m.groups[1]] = m.groups[2]
	}
	const policy = "internal/deepcall/policy.go"
	for _, m := range read(t, policy).find(`(?m)^\t"(\d{4})": +\{Class\w+, (?:"(.+)"|inProcessing)\},$`) {
		known[m.groups[1]] = cmp.Or(m.groups[2], only(t, policy, `(?m)^const inProcessing = "(.+)"$`))
	}
	if len(known) < 30 || !maps.Equal(listed, known) {
		t.Errorf("the guide lists\n%v\nand the client knows\n%v", listed, known)
	}
}
