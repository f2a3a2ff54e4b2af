package docs

import (
	"regexp"
	"strconv"
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
	for _, d := range filesBelow(t, ".md", ".tmpl", ".go") {
		if d.name != "internal/docs/words_test.go" {
			check(t, find(overused, d), 0, func(groups []string) string {
				return strconv.Quote(groups[0]) + ": say it in plain American English"
			})
		}
	}
}
