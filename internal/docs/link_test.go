package docs

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// Where documents of this repository are on the web.
const (
	onRegistry = "https://registry.terraform.io/providers/deepcall/deepcall/latest/docs"
	onGitHub   = "https://github.com/deepcall/terraform-provider-deepcall/"
)

// Links to this repository lead to a file, and to a heading in it where they
// name one, whether they are relative or go by the registry or GitHub.
func TestLinks(t *testing.T) {
	checked := 0
	for _, d := range documents(t) {
		text := span.ReplaceAllStringFunc(d.prose(), blank)
		for _, m := range d.findIn(text, `(?:\]\(|<(?:img|a) [^>]*(?:src|href)=")([^)\s"]+)`) {
			target, ours := d.resolve(m.groups[1])
			if !ours {
				continue
			}
			checked++
			if err := exists(t, target); err != nil {
				t.Errorf("%s: %s: %v", m.at, m.groups[1], err)
			}
		}
	}
	enough(t, checked, 30)
}

// resolve returns the path and heading in this repository that a link leads to.
func (d document) resolve(link string) (target string, ours bool) {
	switch {
	case strings.HasPrefix(link, onRegistry):
		page, heading, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(link, onRegistry), "/"), "#")
		if page == "" {
			page = "index"
		}
		return "docs/" + page + ".md#" + heading, true
	case strings.HasPrefix(link, onGitHub):
		// blob/BRANCH/PATH or tree/BRANCH/PATH; others are pages of GitHub's own
		parts := strings.SplitN(strings.TrimPrefix(link, onGitHub), "/", 3)
		return parts[len(parts)-1], len(parts) == 3 && (parts[0] == "blob" || parts[0] == "tree")
	case strings.Contains(link, ":"):
		return "", false
	case strings.HasPrefix(link, "#"):
		return d.name + link, true
	}
	return path.Join(path.Dir(d.name), link), true
}

func exists(t *testing.T, target string) error {
	t.Helper()
	name, heading, _ := strings.Cut(target, "#")
	if _, err := fs.Stat(repository, strings.TrimSuffix(name, "/")); err != nil {
		return err
	}
	if heading != "" && !read(t, name).anchors()[heading] {
		return fmt.Errorf("%s has no heading %q", name, heading)
	}
	return nil
}

// anchors are what a link can lead to within a document: its headings, in the
// form that GitHub and the registries give them, and what HTML names.
func (d document) anchors() map[string]bool {
	all := map[string]bool{}
	for _, m := range d.findIn(d.prose(), `(?m)^#+ (.+)$`) {
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, m.groups[1])
		unique := anchor
		for n := 1; all[unique]; n++ {
			unique = fmt.Sprintf("%s-%d", anchor, n)
		}
		all[unique] = true
	}
	for _, m := range d.find(`<a (?:id|name)="([^"]+)"`) {
		all[m.groups[1]] = true
	}
	return all
}

// file is what looks like a file or a folder of this repository: a name with a
// source's ending, or a path that begins with one of its folders.
var file = regexp.MustCompile(`^(?:[\w.-]+/)*[\w-]*\.(?:go|md|sh|yml|mod)$|^(?:\.ci|\.github|cmd|docs|examples|internal|templates|tools)/[\w./-]*$`)

// The documents for people who work on the provider name its files: in full,
// from internal/ on, or by the name alone.
func TestFiles(t *testing.T) {
	names := map[string]bool{"go.mod": true}
	for _, file := range goFiles(t) {
		names[path.Base(file)] = true
	}
	checked := 0
	for _, d := range glob(t, "*.md") {
		for _, m := range d.spans() {
			named := m.groups[1]
			if !file.MatchString(named) {
				continue
			}
			checked++
			if exists(t, named) != nil && exists(t, "internal/"+named) != nil && !names[named] {
				t.Errorf("%s: there is no %s", m.at, named)
			}
		}
	}
	enough(t, checked, 10)
}
