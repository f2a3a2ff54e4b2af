package docs

import (
	"io/fs"
	"path"
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

func readMakefile(t *testing.T) (m makefile) {
	t.Helper()
	d := read(t, "GNUmakefile")
	for _, found := range d.find(`(?m)^\.PHONY: (.+)$`) {
		m.targets = append(m.targets, strings.Fields(found.groups[1])...)
	}
	for _, found := range d.find(`(?m)^([a-z][a-z-]*):.*## \S`) {
		m.described = append(m.described, found.groups[1])
	}
	for _, comment := range d.find(`(?m)^#: .+$`) {
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
// exist.
func TestMakeCommands(t *testing.T) {
	m := readMakefile(t)
	commands := findAll(glob(t, ".github/workflows/*.yml"), `(?m)^ *-? *run: (.+)$`)
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
	enough(t, checked, 10)
}

// enough guards against a test that finds nothing to check.
func enough(t *testing.T, checked, want int) {
	t.Helper()
	if checked < want {
		t.Errorf("found %d things to check, want at least %d: they are not read as such", checked, want)
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

// goFiles are the paths of all files of Go in the repository.
func goFiles(t *testing.T) (all []string) {
	t.Helper()
	err := fs.WalkDir(repository, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && strings.HasPrefix(path.Base(name), "."):
			return fs.SkipDir
		case path.Ext(name) == ".go":
			all = append(all, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The promises in DESIGN.md name the tests that prove them.
func TestTestsOfTheDesign(t *testing.T) {
	exists := map[string]bool{}
	for _, name := range goFiles(t) {
		if strings.HasSuffix(name, "_test.go") {
			for _, m := range read(t, name).find(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`) {
				exists[m.groups[1]] = true
			}
		}
	}
	checked := 0
	for _, m := range read(t, "DESIGN.md").find("`((?:Test|Fuzz|Benchmark)\\w+)`") {
		checked++
		if !exists[m.groups[1]] {
			t.Errorf("%s: there is no %s", m.at, m.groups[1])
		}
	}
	enough(t, checked, 20)
}
