package examples

import (
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// samplesInExamples finds the samples below examples/. Files that generated
// pages show are samples each; any other folder is one.
func samplesInExamples(t *testing.T) []sample {
	t.Helper()
	shown := regexp.MustCompile(`^examples/(provider|resources|actions)/`)
	var samples []sample
	byFolder := map[string]map[string]string{}
	top := filepath.Join(root, "examples")
	err := filepath.WalkDir(top, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		within, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(within)
		switch {
		case !shown.MatchString(name):
			folder := path.Dir(name)
			if byFolder[folder] == nil {
				byFolder[folder] = map[string]string{}
			}
			byFolder[folder][path.Base(name)] = read(t, file)
		case path.Ext(name) == ".tf":
			samples = append(samples, sample{name, map[string]string{"main.tf": read(t, file)}})
		case path.Base(name) != "import.sh": // which has a test of its own
			t.Errorf("%s: nothing shows this file, and nothing tests it", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder, files := range byFolder {
		samples = append(samples, sample{folder, files})
	}
	slices.SortFunc(samples, func(a, b sample) int { return strings.Compare(a.name, b.name) })
	return samples
}

// block is HCL between fences in a document.
type block struct {
	document string // by its path in the repository
	line     int    // of its first line
	language string
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

// configuresCLI tells whether the block belongs into a file such as ~/.terraformrc.
func (b block) configuresCLI() bool { return strings.HasPrefix(b.text, "provider_installation {") }

func (b block) extension() string {
	if strings.HasSuffix(b.file(), ".tftest.hcl") {
		return ".tftest.hcl"
	}
	return ".tf"
}

// samplesInGuides finds the blocks that stand alone.
func samplesInGuides(t *testing.T) []sample {
	t.Helper()
	var samples []sample
	modules := map[string]sample{}
	for _, b := range blocksInGuides(t) {
		switch {
		case b.language == "terraform":
			samples = append(samples, sample{b.document + " line " + strconv.Itoa(b.line), map[string]string{"main.tf": b.text}})
		case b.file() != "":
			if _, ok := modules[b.document]; !ok {
				modules[b.document] = sample{b.document, map[string]string{}}
				samples = append(samples, modules[b.document])
			}
			modules[b.document].files[b.file()] = b.text
		}
	}
	if len(samples) == 0 {
		t.Error("no block in the guides stands alone: are they still where they were?")
	}
	return samples
}

// blocksInGuides finds the blocks of HCL in the sources of all documents.
func blocksInGuides(t *testing.T) []block {
	t.Helper()
	documents, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(filepath.Join(root, "templates"), func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			documents = append(documents, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	for _, file := range documents {
		within, err := filepath.Rel(root, file)
		if err != nil {
			t.Fatal(err)
		}
		found, err := blocksIn(filepath.ToSlash(within), read(t, file))
		if err != nil {
			t.Error(err)
		}
		blocks = append(blocks, found...)
	}
	return blocks
}

var (
	fenced = regexp.MustCompile("(?ms)^```(terraform|hcl)\n(.*?\n)```$")
	fence  = regexp.MustCompile("```\\s*(terraform|hcl|tf|opentofu)\\b")
)

// blocksIn returns the blocks of HCL in a document. A block that it cannot read
// is an error, because nothing would test it.
func blocksIn(document, text string) ([]block, error) {
	// A template for several pages leaves their names to be filled in.
	filled := strings.NewReplacer("{{.Name}}", "name")
	var blocks []block
	for _, m := range fenced.FindAllStringSubmatchIndex(text, -1) {
		blocks = append(blocks, block{
			document: document,
			line:     1 + strings.Count(text[:m[4]], "\n"),
			language: text[m[2]:m[3]],
			text:     filled.Replace(text[m[4]:m[5]]),
		})
	}
	if n := len(fence.FindAllString(text, -1)); n != len(blocks) {
		return blocks, fmt.Errorf("%s: %d of %d blocks of HCL are fenced with ```terraform or ```hcl at the margin", document, len(blocks), n)
	}
	return blocks, nil
}
