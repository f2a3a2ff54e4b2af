package docs

import (
	"cmp"
	"maps"
	"regexp"
	"strings"
	"testing"
)

const (
	guide  = "templates/guides/troubleshooting.md" // as it is written, and not yet generated
	golden = "internal/provider/testdata/diagnostics/*.txt"
)

// The guide has a section for each diagnostic, under its summary. Those of the
// golden files are what the provider prints; the sources may have more that no
// test provokes.
func TestEveryDiagnosticIsInTheGuide(t *testing.T) {
	headings := find(`(?m)^### (.+)$`, prose(read(t, guide))...)
	printed := find(`(?m)^(?:ERROR|WARNING) at "[^"]*": (.+)$`, glob(t, golden)...)
	sources := find(`(?:(?:Diagnostic|AddError|AddWarning|AddAttributeError|AddAttributeWarning)\((?:[^\n]*?, )?|advice\{)"([A-Z][^"\n]+)"`, product(t)...)
	check(t, printed, 10, among(names(headings), guide+" has no such section"))
	check(t, sources, 10, among(names(headings), guide+" has no such section"))
	check(t, headings, 10, among(names(append(printed, sources...)), "nothing prints it"))
}

// The guide lists the codes whose texts the client knows, and these texts.
func TestCodes(t *testing.T) {
	listed, known := map[string]string{}, map[string]string{}
	for _, m := range find(`(?m)^\| (\d{4}) \| ([^|]+?) \|`, read(t, guide)) {
		listed[m.groups[1]] = m.groups[2]
	}
	const policy = "internal/deepcall/policy.go"
	for _, m := range find(`(?m)^\t"(\d{4})": +\{Class\w+, (?:"(.+)"|inProcessing)\},$`, read(t, policy)) {
		known[m.groups[1]] = cmp.Or(m.groups[2], only(t, policy, `(?m)^const inProcessing = "(.+)"$`))
	}
	if len(known) < 30 || !maps.Equal(listed, known) {
		t.Errorf("the guide lists\n%v\nand the client knows\n%v", listed, known)
	}
}

// What pages show as the provider's output is what the golden files have,
// whatever the numbers and the line breaks.
func TestShownDiagnostics(t *testing.T) {
	counts := regexp.MustCompile(`\d+(, \d+)*`)
	plain := func(text string) string {
		return counts.ReplaceAllString(strings.Join(strings.Fields(text), " "), "0")
	}
	var printed strings.Builder
	for _, d := range glob(t, golden) {
		printed.WriteString(plain(d.text))
	}
	one := strings.NewReplacer(
		"agents", "agent", "are removed and keep CAD", "is removed and keeps CAD",
		"the environment variable DEEPCALL_SSID", "`ssid` in the provider block")
	said := one.Replace(plain(printed.String()))
	blocks := find("(?s)```text\n(?:Error|Warning): ([^`]+)```", documents(t)...)
	check(t, blocks, 3, func(groups []string) string {
		for paragraph := range strings.SplitSeq(groups[1], "\n\n") {
			want := one.Replace(plain(paragraph))
			if !strings.HasPrefix(want, "with deepcall_agent_cad.") && !strings.Contains(said, want) {
				return "no golden file has " + want
			}
		}
		return ""
	})
}
