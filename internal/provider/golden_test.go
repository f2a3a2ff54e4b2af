package provider_test

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden is a file of named texts. A name without a text is not in it, and no
// text at all is no file.
type golden struct {
	file string
	want map[string]string

	mu  sync.Mutex
	got map[string]string
}

const goldenHeading = "=== "

// readGolden reads testdata/diagnostics/NAME.txt. At the end of the test and its
// subtests it fails the test for texts that nothing was compared with, or writes
// the file if it is to be written.
func readGolden(t *testing.T, name string) *golden {
	t.Helper()
	g := &golden{file: filepath.Join("testdata", "diagnostics", name+".txt"), want: map[string]string{}, got: map[string]string{}}
	content, err := os.ReadFile(g.file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, section := range strings.Split("\n"+string(content), "\n"+goldenHeading)[1:] {
		name, text, _ := strings.Cut(section, "\n")
		g.want[name] = text
	}
	t.Cleanup(func() {
		if *update {
			g.write(t)
			return
		}
		partOfTests := strings.Contains(flag.Lookup("test.run").Value.String(), "/")
		for name := range g.want {
			if _, ok := g.got[name]; !ok && !partOfTests {
				t.Errorf("%s: nothing says %q", g.file, name)
			}
		}
	})
	return g
}

// compare fails the test unless text is what the file has under name.
func (g *golden) compare(t *testing.T, name, text string) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.got[name] = text
	if want := g.want[name]; !*update && strings.TrimSpace(text) != strings.TrimSpace(want) {
		t.Errorf("%s has for %q:\n%s\nbut it was:\n%s", g.file, name, want, text)
	}
}

func (g *golden) write(t *testing.T) {
	t.Helper()
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(g.got)) {
		if text := strings.TrimSpace(g.got[name]); text != "" {
			b.WriteString(goldenHeading + name + "\n" + text + "\n\n")
		}
	}
	if b.Len() == 0 {
		return
	}
	//nolint:gosec // G306: a source file, for everybody to read.
	if err := os.WriteFile(g.file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
