package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// makefile is what GNUmakefile offers.
type makefile struct {
	targets   []string // without those that are files
	described []string // those that "make help" lists
	variables []string // likewise
}

func readMakefile(t *testing.T) makefile {
	t.Helper()
	d := read(t, "GNUmakefile")
	var m makefile
	for _, found := range d.find(regexp.MustCompile(`(?m)^\.PHONY: (.+)$`)) {
		m.targets = append(m.targets, strings.Fields(found.groups[1])...)
	}
	for _, found := range d.find(regexp.MustCompile(`(?m)^([a-z][a-z-]*):.*## \S`)) {
		m.described = append(m.described, found.groups[1])
	}
	for _, comment := range d.find(regexp.MustCompile(`(?m)^#: .+$`)) {
		for _, found := range regexp.MustCompile(`\b([A-Z]+)=`).FindAllStringSubmatch(comment.groups[0], -1) {
			m.variables = append(m.variables, found[1])
		}
	}
	return m
}

var (
	makeCommand  = regexp.MustCompile(`^(?:.*[;&|] *)?make((?: +[\w./-]+(?:=\S*)?)+)`)
	makeArgument = regexp.MustCompile(`^([A-Z]+)=`)
)

// Each "make ..." in a document or a workflow names targets and variables that
// there are.
func TestMakeCommands(t *testing.T) {
	m := readMakefile(t)
	commands := workflows(t, `(?m)^ *-? *run: (.+)$`)
	for _, d := range documents(t) {
		commands = append(commands, d.commands()...)
	}
	checked := 0
	for _, c := range commands {
		found := makeCommand.FindStringSubmatch(c.groups[1])
		if found == nil {
			continue
		}
		for _, argument := range strings.Fields(found[1]) {
			checked++
			variable := makeArgument.FindStringSubmatch(argument)
			switch {
			case variable != nil && !slices.Contains(m.variables, variable[1]):
				t.Errorf("%s: GNUmakefile has no variable %s", c.at, variable[1])
			case variable == nil && !strings.HasPrefix(argument, ".tools/") && !slices.Contains(m.targets, argument):
				t.Errorf("%s: GNUmakefile has no target %s", c.at, argument)
			}
		}
	}
	if checked < 10 {
		t.Errorf("found %d targets and variables: they are not read as such", checked)
	}
}

// "make help" lists each target that is there to be called.
func TestMakeHelpIsComplete(t *testing.T) {
	m := readMakefile(t)
	for _, target := range m.targets {
		if !slices.Contains(m.described, target) && !strings.HasPrefix(target, "no-") { // which only say what is missing
			t.Errorf(`GNUmakefile: %s has no "## ..." that says what it does`, target)
		}
	}
}

// The promises in DESIGN.md name the tests that hold them.
func TestTestsOfTheDesign(t *testing.T) {
	there := testNames(t)
	checked := 0
	for _, m := range read(t, "DESIGN.md").spans() {
		if regexp.MustCompile(`^(Test|Fuzz|Benchmark)\w+$`).MatchString(m.groups[1]) {
			checked++
			if !there[m.groups[1]] {
				t.Errorf("%s: there is no %s", m.at, m.groups[1])
			}
		}
	}
	if checked < 20 {
		t.Errorf("found %d tests: they are not read as such", checked)
	}
}

// testNames are the functions of all test files.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, name := range sources(t, "_test.go") {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, filepath.FromSlash(name)), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}
