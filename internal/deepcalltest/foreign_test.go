package deepcalltest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// What a web page in a browser on the same machine could send does nothing.
func TestForeignRequests(t *testing.T) {
	api := deepcalltest.Start(t, deepcalltest.WithControl())
	for name, c := range map[string]struct {
		host, header, value string
		status              int
	}{
		"as the provider sends":    {header: "Content-Type", value: "application/json", status: 200},
		"with a character set":     {header: "content-type", value: "application/json; charset=utf-8", status: 200},
		"no Content-Type":          {status: 200},
		"empty Content-Type":       {header: "Content-Type", status: 200},
		"localhost":                {host: "LocalHost:80", status: 200},
		"IPv6":                     {host: "[::1]", status: 200},
		"a name of the page's":     {host: "rebound.example:8080", status: 403},
		"an address elsewhere":     {host: "192.0.2.1", status: 403},
		"a name that looks right":  {host: "localhost.evil.example", status: 403},
		"a page elsewhere":         {header: "Origin", value: "https://evil.example", status: 403},
		"a page without an origin": {header: "Origin", value: "null", status: 403},
		"text":                     {header: "Content-Type", value: "text/plain", status: 415},
		"form":                     {header: "Content-Type", value: "application/x-www-form-urlencoded", status: 415},
		"upload":                   {header: "Content-Type", value: "multipart/form-data; boundary=x", status: 415},
		"nonsense":                 {header: "Content-Type", value: "text/plain; application/json", status: 415},
	} {
		t.Run(name, func(t *testing.T) {
			for path, want := range map[string]int{
				"/api/v2/Agent/setCad":                      c.status,
				deepcalltest.ControlPath + "refuse?agent=9": c.status + 4*(200/c.status), // 204 for 200
			} {
				api.ResetRequests()
				req, err := http.NewRequest(http.MethodPost, api.URL()+path, strings.NewReader(ask("1")))
				if err != nil {
					t.Fatal(err)
				}
				req.Host = c.host
				if c.header != "" {
					req.Header.Set(c.header, c.value)
				}
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
				if resp.StatusCode != want {
					t.Errorf("%s: HTTP %d, want %d", path, resp.StatusCode, want)
				}
				if n := len(api.Requests()); c.status != 200 && n != 0 {
					t.Errorf("%d requests were taken", n)
				}
			}
		})
	}
}
