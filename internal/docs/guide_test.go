package docs

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// guide is the troubleshooting guide, as it is written and not yet generated.
const guide = "templates/guides/troubleshooting.md"

// The guide has a section for each diagnostic, under its summary. Those of the
// golden files are what the provider prints; the sources may have more that no
// test provokes.
func TestEveryDiagnosticIsInTheGuide(t *testing.T) {
	printed := map[string]string{}
	collect := func(files []document, pattern string) {
		found := findAll(files, pattern)
		for _, m := range found {
			printed[m.groups[1]] = m.at
		}
		if len(found) < 10 {
			t.Fatalf("found %d summaries in %s and others: they are not read as such", len(found), files[0].name)
		}
	}
	collect(glob(t, "internal/provider/testdata/diagnostics/*.txt"), `(?m)^(?:ERROR|WARNING) at "[^"]*": (.+)$`)
	collect(product(t), `(?:(?:Diagnostic|AddError|AddWarning|AddAttributeError|AddAttributeWarning)\((?:[^\n]*?, )?|advice\{)"([A-Z][^"\n]+)"`)

	sections := map[string]bool{}
	d := read(t, guide)
	for _, m := range d.findIn(d.prose(), `(?m)^### (.+)$`) {
		sections[m.groups[1]] = true
		if printed[m.groups[1]] == "" {
			t.Errorf("%s: nothing prints %q", m.at, m.groups[1])
		}
	}
	for summary, at := range printed {
		if !sections[summary] {
			t.Errorf("%s: %s has no section %q", at, guide, "### "+summary)
		}
	}
}

// The guide lists the codes whose texts the client knows, and these texts.
func TestCodes(t *testing.T) {
	listed, known := map[string]string{}, map[string]string{}
	for _, m := range read(t, guide).find(`(?m)^\| (\d{4}) \| ([^|]+?) \|`) {
		listed[m.groups[1]] = m.groups[2]
	}
	for code := 1000; code < 1600; code++ {
		if text := textOfCode(t, code); text != "" {
			known[fmt.Sprint(code)] = text
		}
	}
	for code := range known {
		if listed[code] != known[code] {
			t.Errorf("code %s: the guide says %q, the client %q", code, listed[code], known[code])
		}
		delete(listed, code)
	}
	if len(known) == 0 || len(listed) > 0 {
		t.Errorf("the client knows %d codes, and not these of the guide: %v", len(known), listed)
	}
}

// textOfCode is the message of an answer that brings a code and no message.
func textOfCode(t *testing.T, code int) string {
	t.Helper()
	client := deepcall.New(deepcall.Config{
		BaseURL: &url.URL{Scheme: "https", Host: "api.example"}, Credentials: deepcall.SessionID("made-up"),
		RequestTimeout: time.Minute, BatchSize: 1, MaxConcurrentRequests: 1,
		Transport: roundTrip(func() *http.Response {
			body := fmt.Sprintf(`{"status":"error","code":%d,"message":""}`, code)
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body))}
		}),
		Backoff: func(int) time.Duration { return 0 },
	})
	failures := client.Do(t.Context(), deepcall.Set, []string{"1"}, nil).Failures
	if len(failures) != 1 {
		t.Fatalf("code %d led to %v", code, failures)
	}
	text := regexp.MustCompile(fmt.Sprintf("code %d: (.+)", code)).FindStringSubmatch(failures[0].Err.Error())
	if text == nil {
		return ""
	}
	return text[1]
}

type roundTrip func() *http.Response

func (r roundTrip) RoundTrip(*http.Request) (*http.Response, error) { return r(), nil }
