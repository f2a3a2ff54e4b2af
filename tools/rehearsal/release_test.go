package main

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var own = platform{runtime.GOOS, runtime.GOARCH}

// draft is a release before it is written to a folder, so that a test can spoil
// any part of it.
type draft struct {
	version  string
	archive  map[string][]byte // files in the zip
	mode     fs.FileMode       // of the binary
	bom      map[string]any
	manifest string
	config   string
	sums     func(sums map[string]string) // changes the checksums; nil: right ones
	others   []string                     // further files
}

// newDraft is as it has to be. The program is the draft's binary.
func newDraft(program []byte) *draft {
	r := release{version: "1.2.3"}
	return &draft{
		version: r.version,
		archive: map[string][]byte{"LICENSE": nil, "CHANGELOG.md": nil, r.binary(own): program},
		mode:    0o755,
		bom: map[string]any{
			"bomFormat":  "CycloneDX",
			"metadata":   map[string]any{"component": map[string]string{"name": "github.com/deepcall/terraform-provider-deepcall", "version": "v1.2.3"}},
			"components": []map[string]string{{"name": "example.com/part", "version": "v0.1.0"}},
		},
		manifest: `{"version": 1, "metadata": {"protocol_versions": ["6.0"]}}`,
		config:   "release:\n  extra_files:\n    - glob: terraform-registry-manifest.json\n      name_template: \"{{ .ProjectName }}_{{ .Version }}_manifest.json\"\n",
	}
}

func (d *draft) write(t *testing.T) release {
	t.Helper()
	tree := t.TempDir()
	r := release{tree, filepath.Join(tree, "dist"), d.version}
	if err := os.Mkdir(r.dist, 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(file string, content []byte) string {
		t.Helper()
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		digest := sha256.Sum256(content)
		return hex.EncodeToString(digest[:])
	}
	bom, err := json.Marshal(d.bom)
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{
		filepath.Base(r.archive(own)):          write(r.archive(own), d.zip(t, r)),
		filepath.Base(r.sbom(own)):             write(r.sbom(own), bom),
		filepath.Base(r.file("manifest.json")): write(filepath.Join(tree, "terraform-registry-manifest.json"), []byte(d.manifest)),
	}
	write(filepath.Join(tree, configuration), []byte(d.config))
	for _, name := range d.others {
		write(filepath.Join(r.dist, name), nil)
	}
	if d.sums != nil {
		d.sums(sums)
	}
	var lines strings.Builder
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		fmt.Fprintf(&lines, "%s  %s\n", sums[name], name)
	}
	write(r.file("SHA256SUMS"), []byte(lines.String()))
	return r
}

func (d *draft) zip(t *testing.T, r release) []byte {
	t.Helper()
	var out strings.Builder
	z := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(d.archive)) {
		header := &zip.FileHeader{Name: name}
		header.SetMode(0o644)
		if name == r.binary(own) {
			header.SetMode(d.mode)
		}
		w, err := z.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(d.archive[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return []byte(out.String())
}

// compile builds a program of one module and a part, with flags and variables on
// top of those of a release.
func compile(t *testing.T, arguments ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":       "module example.com/whole\n\ngo 1.26.0\n\nrequire example.com/part v0.1.0\n\nreplace example.com/part => ./part\n",
		"main.go":      "package main\n\nimport _ \"example.com/part\"\n\nfunc main() {}\n",
		"part/go.mod":  "module example.com/part\n\ngo 1.26.0\n",
		"part/part.go": "package part\n",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.CommandContext(t.Context(), "go", append(append([]string{"build"}, arguments...), "-o", "program", ".")...)
	build.Dir = dir
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	program, err := os.ReadFile(filepath.Join(dir, "program"))
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// Each check is seen to fail: a rehearsal that could not would prove nothing.
func TestCheck(t *testing.T) {
	program, untrimmed := compile(t, "-trimpath"), compile(t)
	binary := release{version: "1.2.3"}.binary(own)
	archive := "terraform-provider-deepcall_1.2.3_" + own.String() + ".zip"
	for name, c := range map[string]struct {
		spoil func(d *draft)
		want  string // in the error; empty: none
	}{
		"as it has to be":       {func(*draft) {}, ""},
		"another binary's name": {func(d *draft) { d.archive["terraform-provider-deepcall"] = program; delete(d.archive, binary) }, "has the files"},
		"no licence":            {func(d *draft) { delete(d.archive, "LICENSE") }, "has the files"},
		"not executable":        {func(d *draft) { d.mode = 0o644 }, "the binary has mode -rw-r--r--"},
		"not a program":         {func(d *draft) { d.archive[binary] = []byte("#!/bin/sh\n") }, "the binary: "},
		"paths not trimmed":     {func(d *draft) { d.archive[binary] = untrimmed }, "-trimpath=, want true"},
		"another SBOM format":   {func(d *draft) { d.bom["bomFormat"] = "SPDX" }, `the format is "SPDX"`},
		"another SBOM's": {func(d *draft) {
			d.bom["metadata"] = map[string]any{"component": map[string]string{"name": "example.com/other", "version": "v1.2.3"}}
		}, "is about {example.com/other v1.2.3}"},
		"a module not in the SBOM": {func(d *draft) { d.bom["components"] = nil }, "example.com/part v0.1.0 is missing"},
		"another protocol":         {func(d *draft) { d.manifest = strings.Replace(d.manifest, "6.0", "5.0", 1) }, `protocols ["5.0"], want 1 and 6.0`},
		"manifest not uploaded":    {func(d *draft) { d.config = "release: {}\n" }, "extra_files does not name terraform-registry-manifest.json"},
		"manifest not in the sums": {func(d *draft) {
			d.sums = func(s map[string]string) { delete(s, "terraform-provider-deepcall_1.2.3_manifest.json") }
		}, "manifest.json is missing"},
		"manifest's wrong sum": {func(d *draft) {
			d.sums = func(s map[string]string) {
				s["terraform-provider-deepcall_1.2.3_manifest.json"] = strings.Repeat("0", 64)
			}
		}, "the checksum of terraform-registry-manifest.json is not"},
		"archive not in the sums": {func(d *draft) { d.sums = func(s map[string]string) { delete(s, archive) } }, archive + " is missing"},
		"archive's wrong sum":     {func(d *draft) { d.sums = func(s map[string]string) { s[archive] = strings.Repeat("0", 64) } }, "the checksum of " + archive + " is not"},
		"not a sum":               {func(d *draft) { d.sums = func(s map[string]string) { s[archive] = "abc" } }, "not a checksum and a name"},
		"a sum of something else": {func(d *draft) { d.sums = func(s map[string]string) { s["README.md"] = strings.Repeat("0", 64) } }, "README.md does not belong there"},
		"one archive too many":    {func(d *draft) { d.others = []string{"terraform-provider-deepcall_1.2.3_plan9_amd64.zip"} }, "plan9_amd64.zip does not belong into the release"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDraft(program)
			c.spoil(d)
			err := d.write(t).check([]platform{own})
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if err := newDraft(program).write(t).check(allPlatforms); err == nil || strings.Count(err.Error(), "no such file") < len(allPlatforms)-1 {
		t.Errorf("a release for one platform passes for one of all: %v", err)
	}
}

func TestSameAs(t *testing.T) {
	program := compile(t, "-trimpath")
	first, second := newDraft(program).write(t), newDraft(program).write(t)
	if err := first.sameAs(second); err != nil {
		t.Error(err)
	}
	other := newDraft(program)
	other.archive["LICENSE"] = []byte("another one")
	if err := first.sameAs(other.write(t)); err == nil {
		t.Error("other bytes are not noticed")
	}
}

func TestNarrow(t *testing.T) {
	for name, c := range map[string]struct{ config, want string }{
		"this platform": {"x:\n    goos: [plan9, " + own.os + "]\n    goarch: [mips, \"" + own.arch + "\"]\n", ""},
		"another one":   {"x:\n    goos: [plan9]\n    goarch: [\"" + own.arch + "\"]\n", "releases nothing for goos " + own.os},
		"no list":       {"x:\n    goos: [" + own.os + "]\n", "want one line with the list of goarch"},
	} {
		t.Run(name, func(t *testing.T) {
			from, to := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "to")
			if err := os.WriteFile(from, []byte(c.config), 0o600); err != nil {
				t.Fatal(err)
			}
			err := narrow(from, to)
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want %q", err, c.want)
				}
				return
			}
			got, readErr := os.ReadFile(to)
			if want := "x:\n    goos: [\"" + own.os + "\"]\n    goarch: [\"" + own.arch + "\"]\n"; err != nil || readErr != nil || string(got) != want {
				t.Errorf("got %q, %v, %v; want %q", got, err, readErr, want)
			}
		})
	}
}
