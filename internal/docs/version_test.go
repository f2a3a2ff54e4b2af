package docs

import (
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
	check(t, findAll(documents(t), `\b(Go|Terraform|OpenTofu) v?(\d+\.\d+)\b`), 10, func(groups []string) string {
		if older(groups[2], oldest[groups[1]]) {
			return groups[0] + " is older than the oldest supported, " + oldest[groups[1]]
		}
		return ""
	})
	check(t, findAll(glob(t, ".github/workflows/*.yml"), `go-version: (\S+)`), 1, func(groups []string) string {
		if groups[1] != oldest["Go"]+".x" {
			return "Go " + groups[1] + ", want " + oldest["Go"] + ".x"
		}
		return ""
	})
}

// older compares versions, part by part.
func older(a, b string) bool {
	parts := func(version string) (numbers []int) {
		for part := range strings.SplitSeq(version, ".") {
			n, _ := strconv.Atoi(part) // of digits alone
			numbers = append(numbers, n)
		}
		return numbers
	}
	return slices.Compare(parts(a), parts(b)) < 0
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
		case version != nil && newer != "" && !older(version[1], newer):
			t.Errorf("%s: %s below %s", s.at, version[1], newer)
		case version != nil:
			newer = version[1]
		}
		if strings.TrimSpace(s.groups[2]) == "" {
			t.Errorf("%s: nothing under %q", s.at, s.groups[1])
		}
	}
}
