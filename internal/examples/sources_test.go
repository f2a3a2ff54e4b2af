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

// repository is its root, from this package's folder.
var repository = os.DirFS("../..")

// sample is a configuration that the documentation shows: its texts, by file.
type sample map[string]string

// samples are all that stand alone, by where they stand.
func samples(t *testing.T) map[string]sample {
	t.Helper()
	found := map[string]sample{}
	add := func(name, file, text string) {
		if found[name] == nil {
			found[name] = sample{}
		}
		found[name][file] = text
	}
	// Files that generated pages show are samples each; any other folder is one.
	shown := regexp.MustCompile(`^examples/(provider|resources|actions)/`)
	for _, file := range filesBelow(t, "examples") {
		switch {
		case path.Ext(file) == ".rego": // which tools/policy tries
		case !shown.MatchString(file):
			add(path.Dir(file), path.Base(file), read(t, file))
		case path.Ext(file) == ".tf":
			add(file, "main.tf", read(t, file))
		case path.Base(file) != "import.sh": // which has a test of its own
			t.Errorf("%s: nothing shows this file, and nothing tests it", file)
		}
	}
	named := regexp.MustCompile(`^# (\S+\.(?:tf|tftest\.hcl))\n`)
	before := len(found)
	for _, b := range blocksInGuides(t) {
		if file := named.FindStringSubmatch(b.text); file != nil {
			add(b.document, file[1], b.text)
		} else if strings.Contains(b.text, "required_providers") {
			add(fmt.Sprintf("%s line %d", b.document, b.line), "main.tf", b.text)
		}
	}
	if len(found) == before {
		t.Error("no block in the guides stands alone: are they still where they were?")
	}
	return found
}

// block is HCL between fences in a document.
type block struct {
	document string // by its path in the repository
	line     int    // of its first line
	text     string
}

var (
	fenced = regexp.MustCompile("(?ms)^```(?:terraform|hcl)\n(.*?\n)```$")
	fence  = regexp.MustCompile("```\\s*(terraform|hcl|tf|opentofu)\\b")
)

// blocksInGuides finds the blocks of HCL in the sources of all documents. A block
// that it cannot read is an error, because nothing would test it.
func blocksInGuides(t *testing.T) (blocks []block) {
	t.Helper()
	documents, err := fs.Glob(repository, "*.md")
	must(t, err)
	for _, document := range slices.Concat(documents, filesBelow(t, "templates")) {
		text := read(t, document)
		found := fenced.FindAllStringSubmatchIndex(text, -1)
		for _, m := range found {
			blocks = append(blocks, block{document, 1 + strings.Count(text[:m[2]], "\n"), text[m[2]:m[3]]})
		}
		if n := len(fence.FindAllString(text, -1)); n != len(found) {
			t.Errorf("%s: %d of %d blocks of HCL are fenced with ```terraform or ```hcl at the margin", document, len(found), n)
		}
	}
	return blocks
}

// filesBelow are the paths of all files in a folder of the repository.
func filesBelow(t *testing.T, folder string) (files []string) {
	t.Helper()
	must(t, fs.WalkDir(repository, folder, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, file)
		}
		return err
	}))
	return files
}

// read reads a file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := fs.ReadFile(repository, name)
	must(t, err)
	return string(text)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
