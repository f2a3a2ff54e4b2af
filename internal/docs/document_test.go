package docs

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root is the repository's, from this package's folder.
const root = "../.."

// document is a page of Markdown.
type document struct {
	name string // its path in the repository, with slashes
	text string
}

// documents are all pages that people read: those at the root, in docs/ and in
// .github/.
func documents(t *testing.T) []document {
	t.Helper()
	var all []document
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && name != ".github" && !strings.HasPrefix(name, ".github/") && name != "docs" && !strings.HasPrefix(name, "docs/"):
			return fs.SkipDir
		case !entry.IsDir() && path.Ext(name) == ".md":
			all = append(all, read(t, name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("found %d documents: they are not where they are looked for", len(all))
	}
	return all
}

// sources are the paths of all files of Go, in the repository's own packages and
// tools, whose names have an ending.
func sources(t *testing.T, ending string) []string {
	t.Helper()
	var all []string
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && strings.HasPrefix(path.Base(name), "."):
			return fs.SkipDir
		case !entry.IsDir() && strings.HasSuffix(name, ending):
			all = append(all, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// workflows is what a pattern finds in the workflows.
func workflows(t *testing.T, pattern string) []match {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	if err != nil || len(names) == 0 {
		t.Fatalf("the workflows: %q, %v", names, err)
	}
	var all []match
	for _, name := range names {
		all = append(all, read(t, ".github/workflows/"+filepath.Base(name)).find(regexp.MustCompile(pattern))...)
	}
	return all
}

// read returns a file of the repository.
func read(t *testing.T, name string) document {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return document{name, string(text)}
}

// at says where in the document an offset is, as compilers do.
func (d document) at(offset int) string {
	return fmt.Sprintf("%s:%d", d.name, 1+strings.Count(d.text[:offset], "\n"))
}

// match is what a regular expression has found.
type match struct {
	at     string
	groups []string // 0 is all of it
}

func (d document) find(pattern *regexp.Regexp) []match { return d.findIn(d.text, pattern) }

// findIn looks through a text in which everything is where it is in the
// document.
func (d document) findIn(text string, pattern *regexp.Regexp) []match {
	var found []match
	for _, m := range pattern.FindAllStringSubmatchIndex(text, -1) {
		one := match{at: d.at(m[0])}
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

var (
	fence = regexp.MustCompile("(?ms)^ *```([a-z]*)\n(.*?)\n *```$")
	span  = regexp.MustCompile("`([^`\n]+)`")
	line  = regexp.MustCompile(`(?m)^ *(\S.*)$`)
)

// prose is the text with blanks for the blocks between fences.
func (d document) prose() string {
	return fence.ReplaceAllStringFunc(d.text, blank)
}

// spans are the pieces of code within the prose.
func (d document) spans() []match { return d.findIn(d.prose(), span) }

// commands are the lines between shell fences, and the pieces of code that could
// be commands too.
func (d document) commands() []match {
	others := fence.ReplaceAllStringFunc(d.text, func(block string) string {
		if strings.HasPrefix(strings.TrimSpace(block), "```shell\n") {
			return block
		}
		return blank(block)
	})
	onlyShell := []byte(blank(d.text))
	for _, m := range fence.FindAllStringSubmatchIndex(others, -1) {
		copy(onlyShell[m[4]:m[5]], others[m[4]:m[5]])
	}
	return append(d.findIn(string(onlyShell), line), d.spans()...)
}

// blank keeps the line breaks of a text, and so the numbers of the lines.
func blank(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return ' '
	}, text)
}

func TestDocumentIsReadAsMarkdown(t *testing.T) {
	d := document{"x.md", "# A `b`\n\n```shell\nmake c # `d`\n```\n\n- e\n\n  ```hcl\n  f = \"g\"\n  ```\n\nSee `make h`.\n"}
	var got []string
	for _, m := range d.commands() {
		got = append(got, m.at+" "+m.groups[1])
	}
	want := "x.md:4 make c # `d`; x.md:1 b; x.md:13 make h"
	if strings.Join(got, "; ") != want {
		t.Errorf("got %q, want %q", strings.Join(got, "; "), want)
	}
}
