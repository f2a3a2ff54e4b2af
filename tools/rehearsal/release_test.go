package main

import (
	"archive/zip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestNarrow(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.yml")
	for all, want := range map[bool]string{false: "goos:\n        - " + runtime.GOOS, true: "- freebsd"} {
		platforms, err := narrow("../..", out, all)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(out)
		if all != (len(platforms) == len(allPlatforms)) || err != nil ||
			!strings.Contains(string(text), want) || !all && strings.Contains(string(text), "- freebsd\n") {
			t.Errorf("all %t: platforms %q, error %v\n%s", all, platforms, err, text)
		}
	}
	tree := t.TempDir()
	write(t, filepath.Join(tree, config), "builds: [{goos: [linux]}]\nrelease: {extra_files: [{glob: other.json}]}\n")
	if _, err := narrow(tree, out, true); err == nil {
		t.Error("a release without the registry manifest passes")
	}
}

// newRelease has the names of a release for one platform, and no content.
func newRelease(t *testing.T) release {
	t.Helper()
	r := release{tree: t.TempDir(), version: "1.2.3", platforms: []string{"linux_amd64"}}
	if err := os.Mkdir(filepath.Join(r.tree, "dist"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(r.tree, manifest), `{"version": 1, "metadata": {"protocol_versions": ["6.0"]}}`)
	write(t, r.file("linux_amd64.zip"), "")
	var sums strings.Builder
	for _, name := range []string{"linux_amd64.zip", "linux_amd64.sbom.cdx.json", "manifest.json"} {
		sums.WriteString("0123 " + filepath.Base(r.file(name)) + "\n")
	}
	write(t, r.file("SHA256SUMS"), sums.String())
	return r
}

func TestCheckNames(t *testing.T) {
	r := newRelease(t)
	if err := r.checkNames(); err != nil {
		t.Error(err)
	}
	r.platforms = []string{"linux_arm64"}
	if r.checkNames() == nil {
		t.Error("a platform that is missing passes")
	}
	r = newRelease(t)
	write(t, r.file("plan9_arm.zip"), "")
	if r.checkNames() == nil {
		t.Error("an archive without a checksum passes")
	}
}

func TestCheckManifest(t *testing.T) {
	if err := newRelease(t).checkManifest(); err != nil {
		t.Error(err)
	}
	r := newRelease(t)
	write(t, filepath.Join(r.tree, manifest), `{"version": 1, "metadata": {"protocol_versions": ["5.0"]}}`)
	if r.checkManifest() == nil {
		t.Error("another protocol passes")
	}
}

func TestUnzipWantsAProgram(t *testing.T) {
	for mode, passes := range map[os.FileMode]bool{0o755: true, 0o644: false} {
		file, err := os.Create(filepath.Join(t.TempDir(), "a.zip"))
		if err != nil {
			t.Fatal(err)
		}
		z, header := zip.NewWriter(file), &zip.FileHeader{Name: project + "_v1.2.3"}
		header.SetMode(mode)
		if _, err := z.CreateHeader(header); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := unzip(file.Name()); (err == nil) != passes {
			t.Errorf("mode %o: %v", mode, err)
		}
		_ = file.Close()
	}
}
