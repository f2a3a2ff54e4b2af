package deepcalltest_test

import (
	"net/http"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// What a web page in a browser on the same machine could send does nothing.
func TestForeignRequests(t *testing.T) {
	api := deepcalltest.Start(t)
	for name, c := range map[string]struct {
		host, header, value string
		status              int
	}{
		"with a character set":     {header: "content-type", value: "application/json; charset=utf-8", status: 200},
		"no Content-Type":          {status: 200},
		"empty Content-Type":       {header: "Content-Type", status: 200},
		"localhost":                {host: "LocalHost:80", status: 200},
		"IPv6":                     {host: "[::1]", status: 200},
		"a name of the page's":     {host: "rebound.example:8080", status: 403},
		"a name that looks right":  {host: "localhost.evil.example", status: 403},
		"a page elsewhere":         {header: "Origin", value: "https://evil.example", status: 403},
		"a page without an origin": {header: "Origin", value: "null", status: 403},
		"text":                     {header: "Content-Type", value: "text/plain", status: 415},
		"nonsense":                 {header: "Content-Type", value: "text/plain; application/json", status: 415},
	} {
		t.Run(name, func(t *testing.T) {
			for path, taken := range map[string]int{"/api/v2/Agent/setCad": 1, deepcalltest.AgentsPath: 0} {
				api.ResetRequests()
				got, err := send(t, http.MethodPost, api.URL()+path, ask("1"), func(r *http.Request) {
					r.Host = c.host
					if c.header != "" {
						r.Header.Set(c.header, c.value)
					}
				})
				if err != nil || got.status != c.status {
					t.Errorf("%s: HTTP %d, %v; want %d", path, got.status, err, c.status)
				}
				if n := len(api.Requests()); c.status == 200 && n != taken || c.status != 200 && n != 0 {
					t.Errorf("%s: %d requests were taken", path, n)
				}
			}
		})
	}
}
