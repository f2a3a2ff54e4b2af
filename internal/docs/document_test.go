// Package docs compares what the documents claim with what they claim it of: the
// diagnostics, the attributes, the Makefile, the tests, the tools and the files of
// this repository. It has no code of its own.
//
// That the samples in the documents work is tested by internal/examples; that
// docs/ is what the schema and the templates give, by "make check-generated".
package docs

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// repository is its root, from this package's folder.
var repository = os.DirFS("../..")

// document is a text in the repository.
type document struct {
	name string // its path, with slashes
	text string
}

// read returns a file of the repository.
func read(t *testing.T, name string) document {
	t.Helper()
	text, err := fs.ReadFile(repository, name)
	if err != nil {
		t.Fatal(err)
	}
	return document{name, string(text)}
}

// glob returns the files that any of the patterns matches, tests in Go left out.
func glob(t *testing.T, patterns ...string) (all []document) {
	t.Helper()
	for _, pattern := range patterns {
		names, err := fs.Glob(repository, pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: found %q, %v", pattern, names, err)
		}
		for _, name := range names {
			if !strings.HasSuffix(name, "_test.go") {
				all = append(all, read(t, name))
			}
		}
	}
	return all
}

// filesBelow are all files with one of these extensions, but for those in hidden
// folders other than .github.
func filesBelow(t *testing.T, extensions ...string) (all []document) {
	t.Helper()
	err := fs.WalkDir(repository, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && name != ".github" && strings.HasPrefix(path.Base(name), "."):
			return fs.SkipDir
		case slices.Contains(extensions, path.Ext(name)):
			all = append(all, read(t, name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// documents are all pages that people read.
func documents(t *testing.T) []document {
	t.Helper()
	return glob(t, "*.md", "docs/*.md", "docs/*/*.md", ".github/*.md")
}

// product is the code of the provider and its client.
func product(t *testing.T) []document {
	t.Helper()
	return glob(t, "internal/provider/*.go", "internal/deepcall/*.go")
}

// match is what a regular expression has found.
type match struct {
	at     string   // file and line, as compilers write them
	groups []string // 0 is all of it
}

func find(pattern string, in ...document) (found []match) {
	compiled := regexp.MustCompile(pattern)
	for _, d := range in {
		for _, m := range compiled.FindAllStringSubmatchIndex(d.text, -1) {
			one := match{at: fmt.Sprintf("%s:%d", d.name, 1+strings.Count(d.text[:m[0]], "\n"))}
			for i := 0; i < len(m); i += 2 {
				one.groups = append(one.groups, d.text[max(m[i], 0):max(m[i+1], 0)])
			}
			found = append(found, one)
		}
	}
	return found
}

// check reports what is wrong with each thing that was found, "" for nothing. A
// test that finds too few things to check reads them wrongly.
func check(t *testing.T, found []match, atLeast int, wrong func(groups []string) string) {
	t.Helper()
	for _, m := range found {
		if problem := wrong(m.groups); problem != "" {
			t.Errorf("%s: %s", m.at, problem)
		}
	}
	if len(found) < atLeast {
		t.Errorf("found %d things to check, want at least %d: they are not read as such", len(found), atLeast)
	}
}

// names are what the patterns have caught first.
func names(found []match) map[string]bool {
	all := map[string]bool{}
	for _, m := range found {
		all[m.groups[1]] = true
	}
	return all
}

// among tells check that names have to be some of these.
func among(these map[string]bool, otherwise string) func(groups []string) string {
	return func(groups []string) string {
		if these[groups[1]] {
			return ""
		}
		return groups[1] + ": " + otherwise
	}
}

var (
	fence = regexp.MustCompile("(?ms)^ *```[a-z]*\n.*?\n *```$")
	span  = regexp.MustCompile("`([^`\n]+)`")
)

// prose is what documents say outside of the blocks between fences.
func prose(of ...document) (texts []document) {
	for _, d := range of {
		texts = append(texts, document{d.name, fence.ReplaceAllStringFunc(d.text, blank)})
	}
	return texts
}

// blank keeps the line breaks of a text, and so the numbers of the lines.
func blank(text string) string { return strings.Repeat("\n", strings.Count(text, "\n")) }
