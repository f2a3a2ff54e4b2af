package docs

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// only is what a pattern finds in a file, which is to be one thing.
func only(t *testing.T, file, pattern string) string {
	t.Helper()
	found := read(t, file).find(pattern)
	if len(found) != 1 {
		t.Fatalf("%s: want one %s, found %d", file, pattern, len(found))
	}
	return found[0].groups[1]
}

// The oldest versions that the documents promise are those that are tested, and
// no document promises an older one.
func TestOldestVersions(t *testing.T) {
	oldest := map[string]string{
		"Go":        only(t, "go.mod", `(?m)^go (\d+\.\d+)`),
		"Terraform": only(t, "GNUmakefile", `(?m)^oldest_terraform := (\d+\.\d+)\.\d+$`),
		"OpenTofu":  only(t, "GNUmakefile", `(?m)^oldest_tofu := (\d+\.\d+)\.\d+$`),
	}
	for name, pattern := range map[string]string{
		"Terraform": `version: \["(\d+\.\d+)\.\d+", latest\]`,
		"OpenTofu":  `version: \[(\d+\.\d+)\.x, latest\]`,
	} {
		if tested := only(t, ".github/workflows/test.yml", pattern); tested != oldest[name] {
			t.Errorf("the workflow tests with %s %s, make test-matrix with %s", name, tested, oldest[name])
		}
	}
	for _, claim := range []struct{ file, text string }{
		{"README.md", "| Terraform | " + oldest["Terraform"] + " or later"},
		{"README.md", "| OpenTofu | " + oldest["OpenTofu"] + " or later"},
		{"README.md", "| to build | Go " + oldest["Go"] + " or later"},
		{"CONTRIBUTING.md", "You need Go " + oldest["Go"] + " or later"},
		{"docs/index.md", "for Terraform " + oldest["Terraform"] + " or later and OpenTofu " + oldest["OpenTofu"] + " or later"},
	} {
		if !strings.Contains(read(t, claim.file).text, claim.text) {
			t.Errorf("%s does not say %q", claim.file, claim.text)
		}
	}
	for _, m := range findAll(documents(t), `\b(Go|Terraform|OpenTofu) v?(\d+\.\d+)\b`) {
		if older(t, m.groups[2], oldest[m.groups[1]]) {
			t.Errorf("%s: %s is older than the oldest supported, %s", m.at, m.groups[0], oldest[m.groups[1]])
		}
	}
	for _, m := range findAll(glob(t, ".github/workflows/*.yml"), `go-version: (\S+)`) {
		if m.groups[1] != oldest["Go"]+".x" {
			t.Errorf("%s: Go %s, want %s.x", m.at, m.groups[1], oldest["Go"])
		}
	}
}

// older compares versions, part by part.
func older(t *testing.T, a, b string) bool {
	t.Helper()
	parts := func(version string) (numbers []int) {
		for part := range strings.SplitSeq(version, ".") {
			n, err := strconv.Atoi(part)
			if err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, n)
		}
		return numbers
	}
	return slices.Compare(parts(a), parts(b)) < 0
}

// pinned are the versions of the tools, by the names of their programs.
func pinned(t *testing.T) map[string]string {
	t.Helper()
	versions := map[string]string{}
	for _, d := range glob(t, "tools/*/go.mod") {
		for _, tool := range d.find(`(?m)^(?:tool |\t)(\S+/cmd/\S+|\S+/goreleaser/v2)$`) {
			name := regexp.MustCompile(`[^/]+?(?:/v\d+)?$`).FindString(tool.groups[1])
			name, _, _ = strings.Cut(name, "/")
			for _, m := range d.find(`(?m)^\s*(?:require )?(\S+) v(\S+)(?: // indirect)?$`) {
				if tool.groups[1] == m.groups[1] || strings.HasPrefix(tool.groups[1], m.groups[1]+"/") {
					versions[name] = m.groups[2]
				}
			}
			if versions[name] == "" {
				t.Errorf("%s: no version of %s", tool.at, name)
			}
		}
	}
	return versions
}

// Where a document gives the version of a tool that make builds, it is the one
// that is built.
func TestToolVersions(t *testing.T) {
	versions := pinned(t)
	for _, name := range []string{"goreleaser", "cyclonedx-gomod", "golangci-lint", "tfplugindocs", "actionlint", "govulncheck", "tofu"} {
		if versions[name] == "" {
			t.Errorf("no version of %s is pinned below tools/", name)
		}
	}
	for _, d := range documents(t) {
		for _, problem := range wrongVersions(d, versions) {
			t.Error(problem)
		}
	}
	sample := document{"x.md", "With golangci-lint v1.0.0, and\n`goreleaser` " + versions["goreleaser"] + "."}
	if got := wrongVersions(sample, versions); !slices.Equal(got, []string{"x.md:1: golangci-lint v1.0.0: " + versions["golangci-lint"] + " is pinned"}) {
		t.Errorf("in a sample, found %q", got)
	}
}

// wrongVersions are the versions of tools in a document that are not those
// pinned. CLIs are left out: documents speak of many versions of them.
func wrongVersions(d document, pinned map[string]string) []string {
	var wrong []string
	for name, version := range pinned {
		if name == "tofu" {
			continue
		}
		for _, m := range d.find(`(?i)\b` + regexp.QuoteMeta(name) + "`?[ @]v?(\\d+\\.\\d+\\.\\d+)") {
			if m.groups[1] != version {
				wrong = append(wrong, fmt.Sprintf("%s: %s: %s is pinned", m.at, m.groups[0], version))
			}
		}
	}
	slices.Sort(wrong)
	return wrong
}

// The changelog begins with what is unreleased or with the newest version; the
// versions go down; no section is empty.
func TestChangelog(t *testing.T) {
	d := read(t, "CHANGELOG.md")
	sections := d.find(`(?m)^## (.+)\n((?:[^#\n].*\n|###.*\n|\n)*)`)
	if len(sections) == 0 {
		t.Fatal("CHANGELOG.md has no sections")
	}
	released := regexp.MustCompile(`^(\d+\.\d+\.\d+) \(\d{4}-\d{2}-\d{2}\)$`)
	newer := ""
	for i, s := range sections {
		version := released.FindStringSubmatch(s.groups[1])
		switch {
		case version == nil && (i > 0 || s.groups[1] != "Unreleased"):
			t.Errorf(`%s: %q is neither "Unreleased", first, nor "X.Y.Z (YYYY-MM-DD)"`, s.at, s.groups[1])
		case version != nil && newer != "" && !older(t, version[1], newer):
			t.Errorf("%s: %s below %s", s.at, version[1], newer)
		case version != nil:
			newer = version[1]
		}
		if strings.TrimSpace(s.groups[2]) == "" {
			t.Errorf("%s: nothing under %q", s.at, s.groups[1])
		}
	}
}
