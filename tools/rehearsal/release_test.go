package rehearsal

import (
	"archive/zip"
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

const (
	root     = "../.."
	project  = "terraform-provider-deepcall"
	config   = ".goreleaser.yml"
	manifest = "terraform-registry-manifest.json"
	own      = runtime.GOOS + "_" + runtime.GOARCH
)

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

// check reads the whole release. The error names all that is wrong with it.
func (r release) check(key string) error {
	_, err := output(filepath.Join(r.tree, "dist"), "sha256sum", "--check", "--strict", "--quiet", r.prefix()+"_SHA256SUMS")
	wrong := []error{r.checkManifest(), r.checkNames(), err, r.checkSignature(key)}
	for _, platform := range r.platforms {
		if err := r.checkArchive(platform); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", platform, err))
		}
	}
	return errors.Join(wrong...)
}

// checkManifest tells whether the registry manifest states the protocol that the
// provider speaks, and is among the files that are summed and those uploaded.
func (r release) checkManifest() error {
	content, err := os.ReadFile(r.file("manifest.json"))
	if got := strings.Join(strings.Fields(string(content)), ""); got != `{"version":1,"metadata":{"protocol_versions":["6.0"]}}` {
		err = errors.Join(err, fmt.Errorf("%s states other protocols: %s", manifest, got))
	}
	configuration, readErr := os.ReadFile(filepath.Join(r.tree, config))
	if strings.Count(string(configuration), "\n  extra_files:\n    - glob: "+manifest+"\n") != 2 {
		err = errors.Join(err, readErr, fmt.Errorf("%s does not both sum and upload %s", config, manifest))
	}
	return err
}

// checkNames tells whether the checksums are of just the files that they have to
// be of, and whether an archive is left out.
func (r release) checkNames() error {
	want := []string{filepath.Base(r.file("manifest.json"))}
	for _, platform := range r.platforms {
		want = append(want, filepath.Base(r.file(platform+".zip")), filepath.Base(r.file(platform+".sbom.cdx.json")))
	}
	sums, err := os.ReadFile(r.file("SHA256SUMS"))
	var listed []string
	for line := range strings.Lines(string(sums)) {
		listed = append(listed, strings.Fields(line)[1])
	}
	zips, _ := filepath.Glob(filepath.Join(r.tree, "dist", "*.zip"))
	slices.Sort(want)
	slices.Sort(listed)
	if err == nil && (!slices.Equal(listed, want) || len(zips) != len(r.platforms)) {
		err = fmt.Errorf("SHA256SUMS is of %q, want %q; there are %d archives", listed, want, len(zips))
	}
	return err
}

// checkSignature tells whether the checksums have a binary signature by the key.
// The registries refuse armored ones.
func (r release) checkSignature(key string) error {
	content, err := os.ReadFile(r.file("SHA256SUMS.sig"))
	// An OpenPGP packet begins with a byte whose highest bit is set (RFC 4880,
	// section 4.2), which no armor does.
	if err != nil || len(content) == 0 || content[0]&0x80 == 0 {
		return errors.Join(errors.New("SHA256SUMS.sig is not a binary signature"), err)
	}
	printed, err := output(".", "gpg", "--batch", "--status-fd", "1", "--verify", r.file("SHA256SUMS.sig"), r.file("SHA256SUMS"))
	if err == nil && !strings.Contains(printed, "VALIDSIG "+key) {
		err = fmt.Errorf("SHA256SUMS.sig is by another key: %s", printed)
	}
	return err
}

// program reads the binary from a platform's archive, which has to hold nothing
// else but the changelog and the licenses.
func (r release) program(platform string) (content []byte, err error) {
	archive, err := zip.OpenReader(r.file(platform + ".zip"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, archive.Close()) }()
	program := project + "_v" + r.version
	if strings.HasPrefix(platform, "windows_") {
		program += ".exe"
	}
	var files []string
	for _, f := range archive.File {
		files = append(files, fmt.Sprintf("%s %o", f.Name, f.Mode().Perm()))
	}
	slices.Sort(files)
	want := []string{"CHANGELOG.md 644", "LICENSE 644", "THIRD_PARTY_LICENSES.txt 644", program + " 755"}
	if !slices.Equal(files, want) {
		return nil, fmt.Errorf("the archive holds %q, want %q", files, want)
	}
	if licenses, err := fs.ReadFile(archive, "THIRD_PARTY_LICENSES.txt"); err != nil || !bytes.Contains(licenses, []byte("Mozilla Public License")) {
		return nil, errors.Join(errors.New("the archive has no licenses of others"), err)
	}
	return fs.ReadFile(archive, program)
}

// checkArchive reads a platform's archive, and the SBOM of the binary in it.
func (r release) checkArchive(platform string) error {
	binary, err := r.program(platform)
	if err != nil {
		return err
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

func readJSON(file string, v any) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(content, v)
}
