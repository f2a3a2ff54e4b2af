package deepcall

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestParseBaseURL(t *testing.T) {
	for s, want := range map[string]string{ // the URL that setCad is posted to
		"https://v4-api.deepcall.com":      "https://v4-api.deepcall.com/api/v2/Agent/setCad",
		"HTTPS://V4-API.deepcall.com":      "https://V4-API.deepcall.com/api/v2/Agent/setCad",
		"https://brand.example/deepcall":   "https://brand.example/deepcall/api/v2/Agent/setCad",
		"https://brand.example/deepcall//": "https://brand.example/deepcall/api/v2/Agent/setCad",
		"https://brand.example/a/b%20c/d":  "https://brand.example/a/b%20c/d/api/v2/Agent/setCad",
		"https://brand.example/a%2Fb":      "https://brand.example/a%2Fb/api/v2/Agent/setCad",
		"https://[2001:db8::1]:8443/x":     "https://[2001:db8::1]:8443/x/api/v2/Agent/setCad",
		"http://localhost:8080":            "http://localhost:8080/api/v2/Agent/setCad",
		"http://LocalHost.":                "http://LocalHost./api/v2/Agent/setCad",
		"http://127.0.0.1:1":               "http://127.0.0.1:1/api/v2/Agent/setCad",
		"http://[::1]:65535":               "http://[::1]:65535/api/v2/Agent/setCad",
		"https://münchen.example/straße":   "https://m%C3%BCnchen.example/stra%C3%9Fe/api/v2/Agent/setCad",
		"https://brand.example/a//b":       "https://brand.example/a//b/api/v2/Agent/setCad",
	} {
		u, err := ParseBaseURL(s)
		if err != nil {
			t.Errorf("%s: %v", s, err)
			continue
		}
		if got := New(Config{BaseURL: u}).URL(Set); got != want {
			t.Errorf("%s: posts to %s, want %s", s, got, want)
		}
	}
}

func TestParseBaseURLRefuses(t *testing.T) {
	for s, want := range map[string]string{
		"":                                         "no scheme",
		"v4-api.deepcall.com":                      "no scheme",
		"ftp://brand.example":                      `scheme is "ftp"`,
		"https:":                                   "no host",
		"https://:443":                             "no host",
		"https://.":                                "no host",
		"https://brand.example:":                   "port is empty",
		"https://brand.example:0":                  "between 1 and 65535",
		"https://brand.example:65536":              "between 1 and 65535",
		"https://brand.example:https":              "not a URL",
		" https://brand.example":                   "not a URL",
		"https://brand.example ":                   "not a URL",
		"https://brand.example\n":                  "not a URL",
		"https://u:hunter22@h.example":             "user name or password",
		"https://u:hunter22%zz@h.example":          "not a URL",
		"https://h.example#hunter22":               "fragment",
		"https://h.example/api/v2?token=hunter22":  "query",
		"https://brand.example/#top":               "fragment",
		"http://brand.example":                     "it is http",
		"http://localhost.brand.example":           "it is http",
		"http://[::]":                              "it is http",
		"http://[::1%25eth0]":                      "it is http",
		"http://127.1":                             "it is http",
		"https://h.example/api/v2":                 "/api/v2,",
		"https://h.example/API/v2/":                "/API/v2,",
		"https://h.example/x/api/v2/Agent/setCad":  "/api/v2/Agent/setCad,",
		"https://h.example/api/v2/agent/unsetcad/": "/api/v2/agent/unsetcad,",
		"https://h.example/api%2Fv2":               "/api/v2,",
	} {
		if u, err := ParseBaseURL(s); err == nil {
			t.Errorf("%q is read as %v", s, u)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, want %q in it", s, err, want)
		} else if strings.Contains(err.Error(), "hunter22") {
			t.Errorf("%q: the error repeats it: %v", s, err)
		}
	}
}

func FuzzParseBaseURL(f *testing.F) {
	for _, s := range []string{
		DefaultBaseURL, "http://localhost:8080/deepcall", "https://h.example/a%2Fb/", "http://[::1]:80",
		"https://user:pw@h.example", "https://h.example?q", "https://h.example/#f", "http://192.0.2.1", "https://h/../x",
		// A prefix that a URL library might tidy is kept as it was given, or refused.
		"https://h.example/a//b", "https://h.example//a", "https://h.example/a/../b", "https://h.example/./a",
		"https://h.example/..", "https://h.example/a%2F", "https://h.example/%2e%2e/a", "https://h.example/a;b=c",
	} {
		f.Add(s, "hunter22")
	}
	f.Fuzz(func(t *testing.T, s, password string) {
		if u, err := ParseBaseURL(s); err == nil {
			checkBaseURL(t, s, u)
		}
		secret := "hunter22" + password
		_, after, _ := strings.Cut(s, "://")
		if strings.Contains(s, "hunter22") {
			return
		}
		for _, url := range []string{"https://user:" + secret + "@" + after, s + "?" + secret, s + "#" + secret} {
			if _, err := ParseBaseURL(url); err != nil && strings.Contains(err.Error(), "hunter22") {
				t.Errorf("the error %q repeats the secret", err)
			}
		}
	})
}

// checkBaseURL checks what was made of s: nothing in it but scheme, host and
// path, and the path whole before the API's own.
func checkBaseURL(t *testing.T, s string, u *url.URL) {
	t.Helper()
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	address, _ := netip.ParseAddr(host)
	switch {
	case u.Scheme != "https" && (u.Scheme != "http" || host != "localhost" && !address.Unmap().IsLoopback()):
		t.Errorf("%q: scheme %q for host %q", s, u.Scheme, host)
	case host == "", u.User != nil, u.RawQuery != "", u.ForceQuery, u.Fragment != "", u.Opaque != "":
		t.Errorf("%q: read as %+v", s, u)
	}
	posts := New(Config{BaseURL: u}).URL(Set)
	if want := u.String() + "/api/v2/Agent/setCad"; posts != want {
		t.Errorf("%q: posts to %s, want %s", s, posts, want)
	}
	again, err := url.Parse(posts)
	if err != nil || again.Host != u.Host || again.Path != u.Path+"/api/v2/Agent/setCad" {
		t.Errorf("%q: %s reads as %+v, %v", s, posts, again, err)
	}
}
