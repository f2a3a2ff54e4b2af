package docs

import (
	"go/version"
	"regexp"
	"strings"
	"testing"
)

// only is what a pattern finds in a file, which is to be one thing.
func only(t *testing.T, file, pattern string) string {
	t.Helper()
	found := find(pattern, read(t, file))
	if len(found) != 1 {
		t.Fatalf("%s: want one %s, found %d", file, pattern, len(found))
	}
	return found[0].groups[1]
}

// older compares two versions, as Go does those of its own.
func older(a, b string) bool { return version.Compare("go"+a, "go"+b) < 0 }

// The oldest versions that the documents promise are those that are tested, and
// no document promises an older one.
func TestOldestVersions(t *testing.T) {
	oldest := map[string]string{
		"Go":        only(t, "go.mod", `(?m)^go (\d+\.\d+)`),
		"Terraform": only(t, "GNUmakefile", `(?m)^oldest_terraform := (\d+\.\d+)\.\d+$`),
		"OpenTofu":  only(t, "GNUmakefile", `(?m)^oldest_tofu := (\d+\.\d+)\.\d+$`),
	}
	for _, claim := range []struct{ of, file, pattern string }{
		{"Terraform", ".github/workflows/test.yml", `version: \["(\d+\.\d+)\.\d+", latest\]`},
		{"OpenTofu", ".github/workflows/test.yml", `version: \[(\d+\.\d+)\.x, latest\]`},
		{"Terraform", "README.md", `\| Terraform \| (\S+) or later`},
		{"OpenTofu", "README.md", `\| OpenTofu \| (\S+) or later`},
		{"Go", "README.md", `\| to build \| Go (\S+) or later`},
		{"Go", "CONTRIBUTING.md", `You need Go (\S+) or later`},
		{"Terraform", "docs/index.md", `for Terraform (\S+) or later and OpenTofu`},
		{"OpenTofu", "docs/index.md", `and OpenTofu (\S+) or later`},
	} {
		if got := only(t, claim.file, claim.pattern); got != oldest[claim.of] {
			t.Errorf("%s has %s %s for the oldest, and %s is tested", claim.file, claim.of, got, oldest[claim.of])
		}
	}
	check(t, find(`\b(Go|Terraform|OpenTofu) v?(\d+\.\d+)\b`, documents(t)...), 10, func(groups []string) string {
		if older(groups[2], oldest[groups[1]]) {
			return groups[0] + " is older than the oldest supported, " + oldest[groups[1]]
		}
		return ""
	})
	check(t, find(`go-version: (\S+)`, glob(t, ".github/workflows/*.yml")...), 1, func(groups []string) string {
		if groups[1] != oldest["Go"]+".x" {
			return "Go " + groups[1] + ", want " + oldest["Go"] + ".x"
		}
		return ""
	})
}

// The changelog begins with what is unreleased or with the newest version; the
// versions go down; no section is empty.
func TestChangelog(t *testing.T) {
	released := regexp.MustCompile(`^(\d+\.\d+\.\d+) \(\d{4}-\d{2}-\d{2}\)$`)
	sections := strings.Split(read(t, "CHANGELOG.md").text, "\n## ")[1:]
	if len(sections) == 0 {
		t.Error("CHANGELOG.md has no sections")
	}
	newer := ""
	for i, section := range sections {
		title, content, _ := strings.Cut(section, "\n")
		number := released.FindStringSubmatch(title)
		switch {
		case number == nil && (i > 0 || title != "Unreleased"):
			t.Errorf(`%q is neither "Unreleased", first, nor "X.Y.Z (YYYY-MM-DD)"`, title)
		case number != nil && newer != "" && !older(number[1], newer):
			t.Errorf("%s below %s", number[1], newer)
		case number != nil:
			newer = number[1]
		}
		if strings.TrimSpace(content) == "" {
			t.Errorf("nothing under %q", title)
		}
	}
}
