package docs

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Where documents of this repository are on the web.
const (
	onRegistry = "https://registry.terraform.io/providers/deepcall/deepcall/latest/docs"
	onGitHub   = "https://github.com/deepcall/terraform-provider-deepcall/"
)

// Links to this repository lead to a file, and to a heading in it where they
// name one, whether they are relative or go by the registry or GitHub.
func TestLinks(t *testing.T) {
	var links []match
	for _, d := range documents(t) {
		text := span.ReplaceAllStringFunc(d.prose(), blank)
		for _, m := range d.findIn(text, `(?:\]\(|<(?:img|a) [^>]*(?:src|href)=")([^)\s"]+)`) {
			if target, ours := d.resolve(m.groups[1]); ours {
				links = append(links, match{m.at, []string{m.groups[1], target}})
			}
		}
	}
	check(t, links, 30, func(groups []string) string {
		if exists(t, groups[1]) {
			return ""
		}
		return groups[0] + " leads nowhere"
	})
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

// exists tells whether there is a file, and in it the heading that is named
// behind a "#".
func exists(t *testing.T, target string) bool {
	t.Helper()
	name, heading, _ := strings.Cut(target, "#")
	_, err := fs.Stat(repository, strings.TrimSuffix(name, "/"))
	return err == nil && (heading == "" || slices.Contains(read(t, name).anchors(), heading))
}

// anchors are what a link can lead to within a document: its headings, in the
// form that GitHub and the registries give them, and what HTML names.
func (d document) anchors() (all []string) {
	for _, m := range d.findIn(d.prose(), `(?m)^#+ (.+)$`) {
		words := strings.ReplaceAll(strings.ToLower(m.groups[1]), " ", "-")
		all = append(all, regexp.MustCompile(`[^\p{L}\p{N}_-]`).ReplaceAllString(words, ""))
	}
	for _, m := range d.find(`<a (?:id|name)="([^"]+)"`) {
		all = append(all, m.groups[1])
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
	for _, name := range filesBelow(t, ".go") {
		names[path.Base(name)] = true
	}
	var spans []match
	for _, d := range glob(t, "*.md") {
		spans = append(spans, d.spans()...)
	}
	spans = slices.DeleteFunc(spans, func(m match) bool { return !file.MatchString(m.groups[1]) })
	check(t, spans, 10, func(groups []string) string {
		if name := groups[1]; exists(t, name) || exists(t, "internal/"+name) || names[name] {
			return ""
		}
		return "there is no " + groups[1]
	})
}
