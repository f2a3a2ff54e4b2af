//go:build unix

package acceptance_test

import (
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// TestLog: each request is one line of the subsystem "deepcall", which has a
// level of its own.
func TestLog(t *testing.T) {
	t.Parallel()
	logged := func(levels map[string]string) []string {
		t.Helper()
		api := deepcalltest.Start(t)
		api.Fail(deepcalltest.Status(503, nil, ""), deepcalltest.Code(1032, ""))
		w := newWorkspace(t, api.URL(), cad("a", "1 2 3"))
		w.Env["TF_LOG_PATH"] = w.Path("log")
		maps.Copy(w.Env, levels)
		w.Exits(0, "apply", "-auto-approve")
		text, err := os.ReadFile(w.Path("log"))
		must(t, err)
		return regexp.MustCompile(`(?m)^.*: request: .*$`).FindAllString(string(text), -1)
	}
	lines := logged(map[string]string{"TF_LOG_PROVIDER": "DEBUG"})
	if len(lines) != 3 {
		t.Fatalf("%d lines for three requests:\n%s", len(lines), strings.Join(lines, "\n"))
	}
	for i, fields := range [][]string{
		{"attempt=1", "status=503", `error="HTTP 503 Service Unavailable"`},
		{"attempt=2", "status=200", "code=1032"},
		{"attempt=3", "status=200", "code=200"},
	} {
		for _, field := range append(fields, "[DEBUG]", "@module=deepcall.deepcall", "endpoint=setCad", "agents=3", "duration_ms=") {
			if !strings.Contains(lines[i], field) {
				t.Errorf("line %d has no %s: %s", i+1, field, lines[i])
			}
		}
	}
	for _, quiet := range []map[string]string{{"TF_LOG_PROVIDER": "DEBUG", "TF_LOG_PROVIDER_DEEPCALL": "WARN"}, {"TF_LOG": "INFO"}} {
		if lines := logged(quiet); len(lines) > 0 {
			t.Errorf("with %v:\n%s", quiet, strings.Join(lines, "\n"))
		}
	}
}
