package rehearsal

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// isFoundWhenSpoiled changes one thing in the release at a time, which check has
// to find.
func (r release) isFoundWhenSpoiled(t *testing.T, key string) {
	t.Helper()
	archive, bom, sums, signature := r.file(own+".zip"), r.file(own+".sbom.cdx.json"), r.file("SHA256SUMS"), r.file("SHA256SUMS.sig")
	for _, s := range []struct{ file, from, to, want string }{
		{r.file("manifest.json"), "6.0", "5.0", "protocols"},
		{filepath.Join(r.tree, config), "- glob: " + manifest, "- glob: none", "sum and upload"},
		{sums, own + ".zip", "other.zip", "SHA256SUMS is of"},
		{sums, "  ", " *", "BAD signature"}, // another spelling of the same sums
		{signature, "", "-", "not a binary signature"},
		{archive, "LICENSE", "LICENSX", "the archive holds"},
		{archive, "\x00\x00\xed\x81", "\x00\x00\xa4\x81", "the archive holds"}, // no program by its mode
		{archive, "PK", "KP", "did NOT match"},
		{bom, "golang.org/x/net", "golang.org/x/nit", "SBOM lacks golang.org/x/net"},
		{bom, "v" + r.version, "v0", "is about"},
		{bom, `"licenses":`, `"terms":`, "or its license"},
	} {
		content, err := os.ReadFile(s.file)
		must(t, err)
		spoiled := bytes.ReplaceAll(content, []byte(s.from), []byte(s.to))
		must(t, os.WriteFile(s.file, spoiled, 0o600)) //nolint:gosec // G703: in a folder of the test's own
		if err := r.check(key); bytes.Equal(spoiled, content) || err == nil || !strings.Contains(err.Error(), s.want) {
			t.Errorf("%s with %q in the place of %q: found %v, want %s", filepath.Base(s.file), s.to, s.from, err, s.want)
		}
		must(t, os.WriteFile(s.file, content, 0o600)) //nolint:gosec // G703: as it was
	}
	if err := r.check("0123"); err == nil || !strings.Contains(err.Error(), "by another key") {
		t.Errorf("signed by another key: found %v", err)
	}
	must(t, r.check(key))
}
