package examples

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

// sample is a configuration that the documentation shows.
type sample struct {
	name  string            // where it stands
	files map[string]string // what it consists of, by path
}

// filesBelow are the paths of all files in a folder of the repository.
func filesBelow(t *testing.T, folder string) (files []string) {
	t.Helper()
	must(t, fs.WalkDir(os.DirFS(root), folder, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, file)
		}
		return err
	}))
	return files
}

// modules gathers samples of several files, by where they stand.
type modules map[string]sample

func (m modules) add(name, file, text string) {
	if m[name].files == nil {
		m[name] = sample{name, map[string]string{}}
	}
	m[name].files[file] = text
}

// samplesInExamples finds the samples below examples/. Files that generated
// pages show are samples each; any other folder is one.
func samplesInExamples(t *testing.T, found modules) {
	t.Helper()
	shown := regexp.MustCompile(`^examples/(provider|resources|actions)/`)
	for _, file := range filesBelow(t, "examples") {
		switch {
		case path.Ext(file) == ".rego": // which tools/policy tries
		case !shown.MatchString(file):
			found.add(path.Dir(file), path.Base(file), read(t, file))
		case path.Ext(file) == ".tf":
			found.add(file, "main.tf", read(t, file))
		case path.Base(file) != "import.sh": // which has a test of its own
			t.Errorf("%s: nothing shows this file, and nothing tests it", file)
		}
	}
}

// block is HCL between fences in a document.
type block struct {
	document string // by its path in the repository
	line     int    // of its first line
	text     string
}

// file is the name in the first line of a block that is a file of its own.
func (b block) file() string {
	first, _, _ := strings.Cut(b.text, "\n")
	if m := namedFile.FindStringSubmatch(first); m != nil {
		return m[1]
	}
	return ""
}

var namedFile = regexp.MustCompile(`^# (\S+\.(?:tf|tftest\.hcl))$`)

// standsAlone tells whether the block is a whole configuration, which says where
// the provider is from.
func (b block) standsAlone() bool {
	return b.file() == "" && strings.Contains(b.text, "required_providers")
}

// configuresCLI tells whether the block belongs into a file such as ~/.terraformrc.
func (b block) configuresCLI() bool { return strings.HasPrefix(b.text, "provider_installation {") }

// samplesInGuides finds the blocks that stand alone, and the files of modules.
func samplesInGuides(t *testing.T, found modules) {
	t.Helper()
	before := len(found)
	for _, b := range blocksInGuides(t) {
		if b.standsAlone() {
			found.add(fmt.Sprintf("%s line %d", b.document, b.line), "main.tf", b.text)
		} else if b.file() != "" {
			found.add(b.document, b.file(), b.text)
		}
	}
	if len(found) == before {
		t.Error("no block in the guides stands alone: are they still where they were?")
	}
}

// blocksInGuides finds the blocks of HCL in the sources of all documents.
func blocksInGuides(t *testing.T) (blocks []block) {
	t.Helper()
	documents, err := fs.Glob(os.DirFS(root), "*.md")
	must(t, err)
	for _, file := range slices.Concat(documents, filesBelow(t, "templates")) {
		found, err := blocksIn(file, read(t, file))
		if err != nil {
			t.Error(err)
		}
		blocks = append(blocks, found...)
	}
	return blocks
}

var (
	fenced = regexp.MustCompile("(?ms)^```(?:terraform|hcl)\n(.*?\n)```$")
	fence  = regexp.MustCompile("```\\s*(terraform|hcl|tf|opentofu)\\b")
)

// blocksIn returns the blocks of HCL in a document. A block that it cannot read
// is an error, because nothing would test it.
func blocksIn(document, text string) (blocks []block, err error) {
	for _, m := range fenced.FindAllStringSubmatchIndex(text, -1) {
		line := 1 + strings.Count(text[:m[2]], "\n")
		// A template for several pages leaves their names to be filled in.
		filled := strings.ReplaceAll(text[m[2]:m[3]], "{{.Name}}", "name")
		blocks = append(blocks, block{document, line, filled})
	}
	if n := len(fence.FindAllString(text, -1)); n != len(blocks) {
		err = fmt.Errorf("%s: %d of %d blocks of HCL are fenced with ```terraform or ```hcl at the margin", document, len(blocks), n)
	}
	return blocks, err
}

func TestBlocksIn(t *testing.T) {
	const text = "one\n```terraform\na = 1\n```\n```shell\nb\n```\n```hcl\n# tests/x.tftest.hcl\nc = \"{{.Name}}\"\n```\n"
	got, err := blocksIn("doc.md", text)
	want := []block{{"doc.md", 3, "a = 1\n"}, {"doc.md", 9, "# tests/x.tftest.hcl\nc = \"name\"\n"}}
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("blocks %+v, %v; want %+v", got, err, want)
	}
	if got[0].file() != "" || got[1].file() != "tests/x.tftest.hcl" {
		t.Errorf("files %q and %q", got[0].file(), got[1].file())
	}
	for _, unread := range []string{"  ```hcl\n  a = 1\n  ```\n", "```tf\na = 1\n```\n", "```terraform\na = 1\n"} {
		if _, err := blocksIn("doc.md", unread); err == nil {
			t.Errorf("nothing is wrong with %q", unread)
		}
	}
}
