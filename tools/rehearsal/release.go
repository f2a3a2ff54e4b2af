package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// platform is an operating system and an architecture, in Go's words.
type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "_" + p.arch }

// allPlatforms are those that a release is made for.
var allPlatforms = []platform{
	{"darwin", "amd64"}, {"darwin", "arm64"},
	{"freebsd", "386"}, {"freebsd", "amd64"}, {"freebsd", "arm"}, {"freebsd", "arm64"},
	{"linux", "386"}, {"linux", "amd64"}, {"linux", "arm"}, {"linux", "arm64"},
	{"windows", "386"}, {"windows", "amd64"}, {"windows", "arm64"},
}

// release is what GoReleaser has made.
type release struct {
	tree    string // the repository that it was made from
	dist    string // where its files are
	version string // without the "v"
}

func (r release) prefix() string { return project + "_" + r.version }

// file is the path of one of the release's files, by the end of its name.
func (r release) file(suffix string) string {
	return filepath.Join(r.dist, r.prefix()+"_"+suffix)
}

func (r release) archive(p platform) string { return r.file(p.String() + ".zip") }
func (r release) sbom(p platform) string    { return r.file(p.String() + ".sbom.cdx.json") }

// binary is the program's name inside of an archive.
func (r release) binary(p platform) string {
	name := project + "_v" + r.version
	if p.os == "windows" {
		name += ".exe"
	}
	return name
}

// check reads the whole release but for the signature. The error names all that
// is wrong with it.
func (r release) check(platforms []platform) error {
	sums, err := r.sums()
	if err != nil {
		return err
	}
	expected := []string{r.file("manifest.json")}
	var wrong []error
	for _, p := range platforms {
		expected = append(expected, r.archive(p), r.sbom(p))
		deps, err := r.checkArchive(p)
		if err == nil {
			err = r.checkSBOM(p, deps)
		}
		wrong = append(wrong, err)
	}
	wrong = append(wrong, r.checkManifest(sums), r.checkNoOthers(expected), r.checkSums(sums, expected))
	return errors.Join(wrong...)
}

// sums reads SHA256SUMS: the checksums by the names of the files.
func (r release) sums() (map[string]string, error) {
	content, err := os.ReadFile(r.file("SHA256SUMS"))
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	line := regexp.MustCompile(`^([0-9a-f]{64}) {2}(\S+)$`)
	for s := bufio.NewScanner(bytes.NewReader(content)); s.Scan(); {
		m := line.FindStringSubmatch(s.Text())
		if m == nil {
			return nil, fmt.Errorf("SHA256SUMS: not a checksum and a name: %q", s.Text())
		}
		sums[m[2]] = m[1]
	}
	return sums, nil
}

// checkSums tells whether the checksums are right, and of just the files that
// they have to be of. Only a published release has the manifest under its name,
// so checkManifest sees to that one.
func (r release) checkSums(sums map[string]string, expected []string) error {
	var wrong []error
	for _, file := range expected {
		name := filepath.Base(file)
		sum, ok := sums[name]
		delete(sums, name)
		switch {
		case !ok:
			wrong = append(wrong, fmt.Errorf("SHA256SUMS: %s is missing", name))
		case file != r.file("manifest.json"):
			wrong = append(wrong, checkSum(file, sum))
		}
	}
	for name := range sums {
		wrong = append(wrong, fmt.Errorf("SHA256SUMS: %s does not belong there", name))
	}
	return errors.Join(wrong...)
}

func checkSum(file, sum string) error {
	content, err := os.ReadFile(file) //nolint:gosec // G304: in the rehearsal's own folder
	if err != nil {
		return err
	}
	if digest := sha256.Sum256(content); hex.EncodeToString(digest[:]) != sum {
		return fmt.Errorf("SHA256SUMS: the checksum of %s is not that of its content", filepath.Base(file))
	}
	return nil
}

// checkNoOthers tells whether all archives and SBOMs are among the expected
// files: one under another name would go unread.
func (r release) checkNoOthers(expected []string) error {
	var wrong []error
	err := fs.WalkDir(os.DirFS(r.dist), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && (strings.HasSuffix(name, ".zip") || strings.HasSuffix(name, ".cdx.json")) &&
			!slices.Contains(expected, filepath.Join(r.dist, name)) {
			wrong = append(wrong, fmt.Errorf("%s does not belong into the release", name))
		}
		return err
	})
	return errors.Join(append(wrong, err)...)
}

// checkManifest tells whether the registry manifest is under the checksums, goes
// into the published release, and states the protocol that the provider speaks.
func (r release) checkManifest(sums map[string]string) error {
	const source = "terraform-registry-manifest.json"
	var manifest struct {
		Version  int
		Metadata struct {
			Protocols []string `json:"protocol_versions"`
		}
	}
	if err := readJSON(filepath.Join(r.tree, source), &manifest); err != nil {
		return err
	}
	if manifest.Version != 1 || !slices.Equal(manifest.Metadata.Protocols, []string{"6.0"}) {
		return fmt.Errorf("%s: version %d and protocols %q, want 1 and 6.0", source, manifest.Version, manifest.Metadata.Protocols)
	}
	if sum, ok := sums[filepath.Base(r.file("manifest.json"))]; ok {
		if err := checkSum(filepath.Join(r.tree, source), sum); err != nil {
			return err
		}
	}
	// A snapshot uploads nothing, so what would be uploaded is read here.
	config, err := os.ReadFile(filepath.Join(r.tree, configuration))
	if err != nil {
		return err
	}
	uploaded := regexp.MustCompile(`(?m)^release:\n  extra_files:\n    - glob: ` + regexp.QuoteMeta(source) +
		`\n      name_template: "\{\{ \.ProjectName \}\}_\{\{ \.Version \}\}_manifest\.json"$`)
	if !uploaded.Match(config) {
		return fmt.Errorf("%s: under release, extra_files does not name %s", configuration, source)
	}
	return nil
}

// sameAs tells whether two releases have the same bytes. The checksums cover all
// of them.
func (r release) sameAs(other release) error {
	sums, err := r.sums()
	if err != nil {
		return err
	}
	others, err := other.sums()
	if err != nil {
		return err
	}
	var wrong []error
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		if sums[name] != others[name] {
			wrong = append(wrong, fmt.Errorf("%s has other bytes when the same sources are built again", name))
		}
	}
	if len(sums) != len(others) {
		wrong = append(wrong, fmt.Errorf("%d files, and %d when the same sources are built again", len(sums), len(others)))
	}
	return errors.Join(wrong...)
}
