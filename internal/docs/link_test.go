package docs

import (
	"cmp"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Links to this repository lead to a file, and to a heading in it where they
// name one, whether they are relative or go by the registry or GitHub.
func TestLinks(t *testing.T) {
	ours := 0
	for _, d := range prose(documents(t)...) {
		d.text = span.ReplaceAllString(d.text, "")
		check(t, find(`(?:\]\(|<(?:img|a) [^>]*(?:src|href)=")([^)\s"]+)`, d), 0, func(groups []string) string {
			target := d.resolve(groups[1])
			if target != "" {
				ours++
			}
			if target == "" || exists(t, target) {
				return ""
			}
			return groups[1] + " leads nowhere"
		})
	}
	if ours < 30 {
		t.Errorf("found %d links to this repository", ours)
	}
}

var (
	onRegistry = regexp.MustCompile(`^https://registry\.terraform\.io/providers/deepcall/deepcall/latest/docs/?([^#]*)(.*)`)
	onGitHub   = regexp.MustCompile(`^https://github\.com/deepcall/terraform-provider-deepcall/(?:blob|tree)/[^/]+/(.*)`)
)

// resolve returns the path and heading in this repository that a link leads to,
// or "" for other links.
func (d document) resolve(link string) string {
	if page := onRegistry.FindStringSubmatch(link); page != nil {
		return "docs/" + cmp.Or(page[1], "index") + ".md" + page[2]
	} else if file := onGitHub.FindStringSubmatch(link); file != nil {
		return file[1]
	}
	switch {
	case strings.Contains(link, ":"):
		return ""
	case strings.HasPrefix(link, "#"):
		return d.name + link
	}
	return path.Join(path.Dir(d.name), link)
}

// exists tells whether there is a file, and in it the heading that is named
// behind a "#".
func exists(t *testing.T, target string) bool {
	t.Helper()
	name, heading, _ := strings.Cut(target, "#")
	_, err := fs.Stat(repository, strings.TrimSuffix(name, "/"))
	return err == nil && (heading == "" || slices.Contains(anchors(read(t, name)), heading))
}

var dropped = regexp.MustCompile(`[^\p{L}\p{N}_-]`)

// anchors are what a link can lead to within a document: its headings, in the
// form that GitHub and the registries give them, and what HTML names.
func anchors(d document) (all []string) {
	for _, m := range find(`(?m)^#+ (.+)$`, prose(d)...) {
		words := strings.ReplaceAll(strings.ToLower(m.groups[1]), " ", "-")
		all = append(all, dropped.ReplaceAllString(words, ""))
	}
	for _, m := range find(`<a (?:id|name)="([^"]+)"`, d) {
		all = append(all, m.groups[1])
	}
	return all
}

// file is what looks like a file or a folder of this repository: a name with a
// source's ending, or a path that begins with one of its folders.
const file = "`((?:[\\w.-]+/)*[\\w-]*\\.(?:go|md|sh|yml|mod)|(?:\\.ci|\\.github|cmd|docs|examples|internal|templates|tools)/[\\w./-]*)`"

// The documents for people who work on the provider name its files: in full,
// from internal/ on, or by the name alone.
func TestFiles(t *testing.T) {
	known := map[string]bool{"go.mod": true}
	for _, d := range filesBelow(t, ".go") {
		known[path.Base(d.name)] = true
	}
	check(t, find(file, prose(glob(t, "*.md")...)...), 10, func(groups []string) string {
		if name := groups[1]; exists(t, name) || exists(t, "internal/"+name) || known[name] {
			return ""
		}
		return "there is no " + groups[1]
	})
}
