package rehearsal

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, file, text string) {
	t.Helper()
	must(t, os.WriteFile(file, []byte(text), 0o600))
}

// newRelease is a release for one platform, with content where it is looked at.
func newRelease(t *testing.T) release {
	t.Helper()
	r := release{tree: t.TempDir(), version: "1.2.3", platforms: []string{"linux_amd64"}}
	must(t, os.Mkdir(filepath.Join(r.tree, "dist"), 0o700))
	write(t, filepath.Join(r.tree, config), "release:\n  draft: true\n  extra_files:\n    - glob: "+manifest+"\n")
	write(t, filepath.Join(r.tree, manifest), `{"version": 1, "metadata": {"protocol_versions": ["6.0"]}}`)
	writeArchive(t, r, 0o755, "LICENSE", "CHANGELOG.md", "THIRD_PARTY_LICENSES.txt")
	var sums strings.Builder
	for _, name := range []string{"linux_amd64.zip", "linux_amd64.sbom.cdx.json", "manifest.json"} {
		sums.WriteString("0123 " + filepath.Base(r.file(name)) + "\n")
	}
	write(t, r.file("SHA256SUMS"), sums.String())
	return r
}

// writeArchive writes one with a program of this mode and other files.
func writeArchive(t *testing.T, r release, mode os.FileMode, others ...string) {
	t.Helper()
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	for _, name := range append(others, project+"_v1.2.3") {
		header := &zip.FileHeader{Name: name}
		header.SetMode(mode)
		w, err := z.CreateHeader(header)
		must(t, err)
		_, _ = w.Write([]byte("Mozilla Public License"))
	}
	must(t, z.Close())
	write(t, r.file("linux_amd64.zip"), archive.String())
}

func TestWhatIsWrongIsFound(t *testing.T) {
	for name, spoil := range map[string]func(*release){
		"":                   func(*release) {},
		"a missing platform": func(r *release) { r.platforms = []string{"linux_arm64"} },
		"no checksum":        func(r *release) { write(t, r.file("plan9_arm.zip"), "") },
		"another protocol":   func(r *release) { write(t, filepath.Join(r.tree, manifest), `{"version": 1}`) },
		"no manifest offered": func(r *release) {
			write(t, filepath.Join(r.tree, config), "checksum:\n  extra_files:\n    - glob: "+manifest)
		},
		"a program that is not": func(r *release) { writeArchive(t, *r, 0o644, "LICENSE", "CHANGELOG.md", "THIRD_PARTY_LICENSES.txt") },
		"a license that is not": func(r *release) { writeArchive(t, *r, 0o755, "COPYING", "CHANGELOG.md", "THIRD_PARTY_LICENSES.txt") },
		"more than there must be": func(r *release) {
			writeArchive(t, *r, 0o755, "LICENSE", "CHANGELOG.md", "THIRD_PARTY_LICENSES.txt", "x")
		},
	} {
		r := newRelease(t)
		spoil(&r)
		_, err := r.program("linux_amd64")
		if err = errors.Join(err, r.checkNames(), r.checkManifest()); (err != nil) != (name != "") {
			t.Errorf("%q: found %v", name, err)
		}
	}
}
