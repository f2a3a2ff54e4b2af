package main

import (
	"archive/zip"
	"bytes"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"runtime/debug"
	"slices"
)

// checkArchive reads the zip for a platform and returns the modules that its
// binary was built from.
func (r release) checkArchive(p platform) ([]*debug.Module, error) {
	name := filepath.Base(r.archive(p))
	files, err := unzip(r.archive(p))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var wrong []error
	var names []string
	for _, f := range files {
		names = append(names, f.name)
	}
	slices.Sort(names)
	if want := []string{"CHANGELOG.md", "LICENSE", r.binary(p)}; !slices.Equal(names, want) {
		return nil, fmt.Errorf("%s: has the files %q, want %q", name, names, want)
	}
	binary := files[slices.IndexFunc(files, func(f packed) bool { return f.name == r.binary(p) })]
	if binary.mode.Perm() != 0o755 {
		wrong = append(wrong, fmt.Errorf("%s: the binary has mode %s", name, binary.mode))
	}

	info, err := buildinfo.Read(bytes.NewReader(binary.content))
	if err != nil {
		return nil, fmt.Errorf("%s: the binary: %w", name, err)
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	for key, want := range map[string]string{"GOOS": p.os, "GOARCH": p.arch, "CGO_ENABLED": "0", "-trimpath": "true"} {
		if settings[key] != want {
			wrong = append(wrong, fmt.Errorf("%s: the binary was built with %s=%s, want %s", name, key, settings[key], want))
		}
	}
	return info.Deps, errors.Join(wrong...)
}

// checkSBOM tells whether the SBOM for a platform is of this release and lists
// the modules that its binary was built from.
func (r release) checkSBOM(p platform, deps []*debug.Module) error {
	name := filepath.Base(r.sbom(p))
	type component struct{ Name, Version string }
	var bom struct {
		Format     string `json:"bomFormat"`
		Metadata   struct{ Component component }
		Components []component
	}
	if err := readJSON(r.sbom(p), &bom); err != nil {
		return err
	}
	var wrong []error
	if bom.Format != "CycloneDX" {
		wrong = append(wrong, fmt.Errorf("%s: the format is %q", name, bom.Format))
	}
	if want := (component{"github.com/deepcall/" + project, "v" + r.version}); bom.Metadata.Component != want {
		wrong = append(wrong, fmt.Errorf("%s: is about %s, want %s", name, bom.Metadata.Component, want))
	}
	if len(deps) == 0 {
		wrong = append(wrong, fmt.Errorf("%s: the binary names no modules to compare with", name))
	}
	for _, d := range deps {
		if !slices.Contains(bom.Components, component{d.Path, d.Version}) {
			wrong = append(wrong, fmt.Errorf("%s: %s %s is missing", name, d.Path, d.Version))
		}
	}
	return errors.Join(wrong...)
}

// packed is a file in an archive.
type packed struct {
	name    string
	mode    fs.FileMode
	content []byte
}

// unzip reads an archive whole. A damaged one is an error.
func unzip(archive string) (files []packed, err error) {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, z.Close()) }()
	for _, f := range z.File {
		content, err := f.Open()
		if err != nil {
			return nil, err
		}
		all, err := io.ReadAll(content)
		if err := errors.Join(err, content.Close()); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		files = append(files, packed{f.Name, f.Mode(), all})
	}
	return files, nil
}
