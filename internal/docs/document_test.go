// Package docs compares what the documents claim with what they claim it of: the
// diagnostics, the schema, the Makefile, the tests, the tools and the files of
// this repository. It has no code of its own.
//
// That the samples in the documents work is tested by internal/examples; that
// docs/ is what its templates give, by "make check-generated".
package docs

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
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

func (d document) find(pattern string) []match { return d.findIn(d.text, pattern) }

// findIn looks through a text in which everything is where it is in the
// document.
func (d document) findIn(text, pattern string) (found []match) {
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatchIndex(text, -1) {
		one := match{at: fmt.Sprintf("%s:%d", d.name, 1+strings.Count(d.text[:m[0]], "\n"))}
		for i := 0; i < len(m); i += 2 {
			group := ""
			if m[i] >= 0 {
				group = text[m[i]:m[i+1]]
			}
			one.groups = append(one.groups, group)
		}
		found = append(found, one)
	}
	return found
}

// findAll looks through several documents.
func findAll(all []document, pattern string) (found []match) {
	for _, d := range all {
		found = append(found, d.find(pattern)...)
	}
	return found
}

var (
	fence = regexp.MustCompile("(?ms)^ *```([a-z]*)\n(.*?)\n *```$")
	span  = regexp.MustCompile("`([^`\n]+)`")
)

// prose is the text with blanks for the blocks between fences.
func (d document) prose() string {
	return fence.ReplaceAllStringFunc(d.text, blank)
}

// spans are the pieces of code within the prose.
func (d document) spans() []match { return d.findIn(d.prose(), span.String()) }

// commands are the lines between shell fences, and the pieces of code that could
// be commands too.
func (d document) commands() []match {
	shell := []byte(blank(d.text))
	for _, m := range fence.FindAllStringSubmatchIndex(d.text, -1) {
		if d.text[m[2]:m[3]] == "shell" {
			copy(shell[m[4]:m[5]], d.text[m[4]:m[5]])
		}
	}
	return append(d.findIn(string(shell), `(?m)^ *(\S.*)$`), d.spans()...)
}

// blank keeps the line breaks of a text, and so the numbers of the lines, and
// its length.
func blank(text string) string {
	return regexp.MustCompile(`[^\n]`).ReplaceAllStringFunc(text, func(c string) string { return strings.Repeat(" ", len(c)) })
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

func TestDocumentIsReadAsMarkdown(t *testing.T) {
	d := document{"x.md", "# A `b`\n\n```shell\nmake c # `d`\n```\n\n- é\n\n  ```hcl\n  f = \"g\"\n  ```\n\nSee `make h`.\n"}
	var got []string
	for _, m := range d.commands() {
		got = append(got, m.at+" "+m.groups[1])
	}
	want := "x.md:4 make c # `d`; x.md:1 b; x.md:13 make h"
	if strings.Join(got, "; ") != want {
		t.Errorf("got %q, want %q", strings.Join(got, "; "), want)
	}
}
