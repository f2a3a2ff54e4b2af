package docs

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	makeCommand = regexp.MustCompile(`(?m)^(?:.*[;&|])? *make((?: +[\w./-]+(?:=\S*)?)+)`)
	variable    = regexp.MustCompile(`\b([A-Z]+)=`)
)

// Each "make ..." in a document or a workflow names targets and variables that
// GNUmakefile has, and "make help" lists all that are there to be called.
func TestMakeCommands(t *testing.T) {
	makefile := read(t, "GNUmakefile")
	known := names(find(`(?m)^([a-z][a-z-]*):.*## \S`, makefile))
	known["no-gpg"] = true // only says what is missing
	check(t, find(`(?m)^\.PHONY: (.+)$`, makefile), 10, among(known, `no "## ..." says what it does`))
	for _, m := range find(`(?m)^#: .+$`, makefile) {
		for _, name := range variable.FindAllString(m.groups[0], -1) {
			known[name] = true
		}
	}
	commands := 0
	code := slices.Concat(find("(?ms)^ *```shell\n(.*?)\n *```$", documents(t)...), find(span.String(), prose(documents(t)...)...),
		find(`(?m)^ *-? *run: (.+)$`, glob(t, ".github/workflows/*.yml")...))
	check(t, code, 50, func(groups []string) (wrong string) {
		for _, m := range makeCommand.FindAllStringSubmatch(groups[1], -1) {
			commands++
			for _, argument := range strings.Fields(m[1]) {
				name := cmp.Or(variable.FindString(argument), argument)
				if !known[name] && !strings.HasPrefix(name, ".tools/") {
					wrong += "GNUmakefile has no " + name
				}
			}
		}
		return wrong
	})
	if commands < 10 {
		t.Errorf("found %d commands", commands)
	}
}

// The promises in DESIGN.md name the tests that prove them.
func TestTestsOfTheDesign(t *testing.T) {
	exist := names(find(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`, filesBelow(t, ".go")...))
	check(t, find("`((?:Test|Fuzz|Benchmark)\\w+)`", read(t, "DESIGN.md")), 20, among(exist, "there is no such test"))
}
