//go:build unix

package acceptance_test

import (
	"errors"
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
	api := deepcalltest.Start(t)
	w := newWorkspace(t, block(api.URL())+cad("a", ids(1, 3)))
	logged := func(levels map[string]string) []string {
		t.Helper()
		w.Env["TF_LOG_PATH"] = w.Path("log")
		maps.Copy(w.Env, levels)
		w.apply(0, replaceA)
		for name := range levels {
			delete(w.Env, name)
		}
		text, err := os.ReadFile(w.Path("log"))
		must(t, errors.Join(err, os.Remove(w.Path("log"))))
		return regexp.MustCompile(`(?m)^.*: request: .*$`).FindAllString(string(text), -1)
	}

	api.Fail(deepcalltest.Status(503, nil, ""), deepcalltest.Code(1032, ""))
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
	if lines := logged(map[string]string{"TF_LOG_PROVIDER": "DEBUG", "TF_LOG_PROVIDER_DEEPCALL": "WARN"}); len(lines) > 0 {
		t.Errorf("with the subsystem at WARN:\n%s", strings.Join(lines, "\n"))
	}
	if lines := logged(map[string]string{"TF_LOG": "INFO"}); len(lines) > 0 {
		t.Errorf("at INFO:\n%s", strings.Join(lines, "\n"))
	}
}
