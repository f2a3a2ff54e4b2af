package docs

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"
)

// overused are phrases that a native writer avoids and this project once did
// not, and spellings that are not American.
var overused = `(?i)\b(?:` + strings.Join([]string{
	`mend(?:s|ed|ing)?`, `in vain`, `shall`, `(?:is|are|was|were) taken (?:to|for)`, `never one more`, `rides? together`, `which last`,
	`is no duration`, `not beside`, `most agents in one`, `speaks? for its own`, `nothing reads`, `import ID's word`, `on your word`,
	`behaviours?`, `colours?`, `favour\w*`, `honour\w*`, `licence`, `organis\w+`, `recognis\w+`,
}, "|") + `)\b`

// They stay out of everything that people read.
func TestWords(t *testing.T) {
	if m := regexp.MustCompile(overused); !m.MatchString("It shall work.") || m.MatchString("Recommended: amend it.") {
		t.Fatal("the list of words is not searched for")
	}
	checked := 0
	err := fs.WalkDir(repository, ".", func(name string, entry fs.DirEntry, err error) error {
		switch ext := path.Ext(name); {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && name != ".github" && strings.HasPrefix(path.Base(name), "."):
			return fs.SkipDir
		case name == "internal/docs/words_test.go" || ext != ".md" && ext != ".tmpl" && ext != ".go":
			return nil
		}
		checked++
		for _, m := range read(t, name).find(overused) {
			t.Errorf("%s: %q: say it in plain American English", m.at, m.groups[0])
		}
		return nil
	})
	if err != nil || checked < 100 {
		t.Errorf("checked %d files: %v", checked, err)
	}
}
