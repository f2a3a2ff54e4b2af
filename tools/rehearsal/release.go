package main

import (
	"archive/zip"
	"bytes"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

const manifest = "terraform-registry-manifest.json"

// allPlatforms are those that a release is made for.
var allPlatforms = []string{
	"darwin_amd64", "darwin_arm64", "freebsd_386", "freebsd_amd64", "freebsd_arm", "freebsd_arm64", "linux_386",
	"linux_amd64", "linux_arm", "linux_arm64", "linux_s390x", "windows_386", "windows_amd64", "windows_arm64",
}

// unlicensed are the components of an SBOM whose license the tool does not
// recognize. The archive has their license texts as well.
var unlicensed = []string{"std", "github.com/fatih/color"}

// release is what GoReleaser has made from a tree.
type release struct {
	tree      string
	version   string // without the "v"
	platforms []string
}

func (r release) prefix() string { return project + "_" + r.version }

// file is the path of one of the release's files, by the end of its name.
func (r release) file(suffix string) string {
	return filepath.Join(r.tree, "dist", r.prefix()+"_"+suffix)
}

// binary is the program's name inside of an archive.
func (r release) binary(platform string) string {
	if strings.HasPrefix(platform, "windows_") {
		return project + "_v" + r.version + ".exe"
	}
	return project + "_v" + r.version
}

// check reads the whole release. The error names all that is wrong with it.
func (s *stage) check(ctx context.Context, r release) error {
	wrong := []error{r.checkManifest(), r.checkNames()}
	for _, platform := range r.platforms {
		if err := r.checkArchive(platform); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", platform, err))
		}
	}
	_, err := s.run(ctx, filepath.Join(r.tree, "dist"), "sha256sum", "--check", "--strict", "--quiet", r.prefix()+"_SHA256SUMS")
	return errors.Join(append(wrong, err, s.checkSignature(ctx, r))...)
}

// checkManifest tells whether the registry manifest states the protocol that the
// provider speaks, and puts it beside the other files, under the name that only a
// published release gives it.
func (r release) checkManifest() error {
	var content struct {
		Version  int
		Metadata struct {
			Protocols []string `json:"protocol_versions"`
		}
	}
	source := filepath.Join(r.tree, manifest)
	if err := readJSON(source, &content); err != nil {
		return err
	}
	if content.Version != 1 || !slices.Equal(content.Metadata.Protocols, []string{"6.0"}) {
		return fmt.Errorf("%s: version %d and protocols %q, want 1 and 6.0", manifest, content.Version, content.Metadata.Protocols)
	}
	return os.Link(source, r.file("manifest.json"))
}

// checkNames tells whether the checksums are of just the files that they have to
// be of, and whether an archive or an SBOM is left out.
func (r release) checkNames() error {
	want := []string{filepath.Base(r.file("manifest.json"))}
	for _, platform := range r.platforms {
		want = append(want, filepath.Base(r.file(platform+".zip")), filepath.Base(r.file(platform+".sbom.cdx.json")))
	}
	sums, err := os.ReadFile(r.file("SHA256SUMS"))
	if err != nil {
		return err
	}
	var listed []string
	for line := range strings.Lines(string(sums)) {
		listed = append(listed, strings.Fields(line)[1])
	}
	zips, _ := filepath.Glob(filepath.Join(r.tree, "dist", "*.zip"))
	slices.Sort(want)
	if !slices.Equal(slices.Sorted(slices.Values(listed)), want) || len(zips) != len(r.platforms) {
		return fmt.Errorf("SHA256SUMS is of %q, want %q; there are %d archives", listed, want, len(zips))
	}
	return nil
}

// checkSignature tells whether the checksums have a binary signature by the key.
// The registries refuse armored ones.
func (s *stage) checkSignature(ctx context.Context, r release) error {
	content, err := os.ReadFile(r.file("SHA256SUMS.sig"))
	if err != nil {
		return err
	}
	// An OpenPGP packet begins with a byte whose highest bit is set (RFC 4880,
	// section 4.2), which no armor does.
	if len(content) == 0 || content[0]&0x80 == 0 {
		return errors.New("SHA256SUMS.sig is not a binary signature")
	}
	out, err := s.run(ctx, ".", "gpg", "--batch", "--status-fd", "1", "--verify", r.file("SHA256SUMS.sig"), r.file("SHA256SUMS"))
	if err == nil && !strings.Contains(out, "VALIDSIG "+s.fingerprint) {
		err = fmt.Errorf("SHA256SUMS.sig is by another key: %s", out)
	}
	return err
}

// checkArchive reads a platform's archive, and the SBOM of the binary in it.
func (r release) checkArchive(platform string) error {
	files, err := unzip(r.file(platform + ".zip"))
	if err != nil {
		return err
	}
	binary, ok := files[r.binary(platform)]
	if !ok || len(files) != 4 || len(files["LICENSE"]) == 0 || len(files["CHANGELOG.md"]) == 0 ||
		!bytes.Contains(files["THIRD_PARTY_LICENSES.txt"], []byte("Mozilla Public License")) {
		return errors.New("the archive does not hold just the binary, the changelog and the licenses")
	}
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		return err
	}
	goos, goarch, _ := strings.Cut(platform, "_")
	want := map[string]string{"GOOS": goos, "GOARCH": goarch, "CGO_ENABLED": "0", "-trimpath": "true"}
	for _, setting := range info.Settings {
		if setting.Value == want[setting.Key] {
			delete(want, setting.Key)
		}
	}
	var bom struct {
		Format     string `json:"bomFormat"`
		Metadata   struct{ Component component }
		Components []component
	}
	if err := readJSON(r.file(platform+".sbom.cdx.json"), &bom); err != nil {
		return err
	}
	about := bom.Metadata.Component
	if len(want) > 0 || len(info.Deps) == 0 || bom.Format != "CycloneDX" || about.Name != "github.com/deepcall/"+project || about.Version != "v"+r.version {
		return fmt.Errorf("the binary was not built with %q, has %d modules, or the SBOM (%s) is about %s %s",
			want, len(info.Deps), bom.Format, about.Name, about.Version)
	}
	for _, module := range info.Deps {
		if !slices.ContainsFunc(bom.Components, func(c component) bool {
			return c.Name == module.Path && c.Version == module.Version && (len(c.Licenses) > 0 || slices.Contains(unlicensed, c.Name))
		}) {
			return fmt.Errorf("the SBOM lacks %s %s, or its license", module.Path, module.Version)
		}
	}
	return nil
}

// component is a module in an SBOM.
type component struct {
	Name, Version string
	Licenses      []any
}

// compare tells whether two releases have the same bytes, which the checksums
// stand for, and whether a plain build gives the bytes of the archive.
func (s *stage) compare(ctx context.Context, first, second release) error {
	if _, err := s.run(ctx, ".", "cmp", first.file("SHA256SUMS"), second.file("SHA256SUMS")); err != nil {
		return fmt.Errorf("the same sources, built again, give other bytes: %w", err)
	}
	built := filepath.Join(s.dir, "plain")
	if _, err := s.run(ctx, second.tree, "env", "CGO_ENABLED=0", "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags=-s -w -X main.version="+second.version, "-o", built, "."); err != nil {
		return err
	}
	own := runtime.GOOS + "_" + runtime.GOARCH
	files, err := unzip(first.file(own + ".zip"))
	if err != nil {
		return err
	}
	content, err := os.ReadFile(built) //nolint:gosec // G304: in the rehearsal's own folder
	if err == nil && !bytes.Equal(content, files[first.binary(own)]) {
		err = errors.New("the command in SECURITY.md gives other bytes than the release has")
	}
	return err
}

// unzip reads an archive whole. A damaged one is an error, and so is a program
// that is not executable.
func unzip(archive string) (files map[string][]byte, err error) {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, z.Close()) }()
	files = map[string][]byte{}
	for _, f := range z.File {
		content, err := f.Open()
		if err != nil {
			return nil, err
		}
		if files[f.Name], err = io.ReadAll(content); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		if strings.HasPrefix(f.Name, project) && f.Mode().Perm() != 0o755 {
			return nil, fmt.Errorf("%s has mode %s", f.Name, f.Mode())
		}
	}
	return files, nil
}
