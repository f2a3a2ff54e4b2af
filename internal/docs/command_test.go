package docs

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var makeCommand = regexp.MustCompile(`^(?:.*[;&|] *)?make((?: +[\w./-]+(?:=\S*)?)+)`)

// Each "make ..." in a document or a workflow names targets and variables that
// GNUmakefile has, and "make help" lists all that are there to be called.
func TestMakeCommands(t *testing.T) {
	makefile := read(t, "GNUmakefile")
	targets, variables := map[string]bool{}, map[string]bool{}
	for _, m := range makefile.find(`(?m)^\.PHONY: (.+)$`) {
		for _, target := range strings.Fields(m.groups[1]) {
			targets[target] = true
			if len(makefile.find(`(?m)^`+target+`:.*## \S`)) == 0 && !strings.HasPrefix(target, "no-") { // which only say what is missing
				t.Errorf(`%s: %s has no "## ..." that says what it does`, m.at, target)
			}
		}
	}
	for _, comment := range makefile.find(`(?m)^#: .+$`) {
		for _, m := range regexp.MustCompile(`\b([A-Z]+)=`).FindAllStringSubmatch(comment.groups[0], -1) {
			variables[m[1]] = true
		}
	}
	commands := findAll(glob(t, ".github/workflows/*.yml"), `(?m)^ *-? *run: (.+)$`)
	for _, d := range documents(t) {
		commands = append(commands, d.commands()...)
	}
	commands = slices.DeleteFunc(commands, func(m match) bool { return !makeCommand.MatchString(m.groups[1]) })
	check(t, commands, 10, func(groups []string) (wrong string) {
		for _, argument := range strings.Fields(makeCommand.FindStringSubmatch(groups[1])[1]) {
			name, _, sets := strings.Cut(argument, "=")
			if sets && !variables[name] || !sets && !targets[name] && !strings.HasPrefix(name, ".tools/") {
				wrong += "GNUmakefile has no " + name
			}
		}
		return wrong
	})
}

// filesBelow are the paths of all files with one of these extensions, but for
// those in hidden folders other than .github.
func filesBelow(t *testing.T, extensions ...string) (all []string) {
	t.Helper()
	err := fs.WalkDir(repository, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && name != ".github" && strings.HasPrefix(path.Base(name), "."):
			return fs.SkipDir
		case slices.Contains(extensions, path.Ext(name)):
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
	for _, name := range filesBelow(t, ".go") {
		for _, m := range read(t, name).find(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`) {
			exists[m.groups[1]] = true
		}
	}
	check(t, read(t, "DESIGN.md").find("`((?:Test|Fuzz|Benchmark)\\w+)`"), 20, func(groups []string) string {
		if exists[groups[1]] {
			return ""
		}
		return "there is no " + groups[1]
	})
}
