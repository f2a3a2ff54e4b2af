package deepcall

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// encoding is a way in which a server may give back what it was sent.
type encoding struct {
	name string
	of   func(string) string
}

var plain = encoding{"raw", func(s string) string { return s }}

// encodings are those that servers, proxies and libraries use.
var encodings = []encoding{
	plain,
	{"JSON", jsonText},
	{"JSON without HTML escapes", func(s string) string {
		return strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(jsonText(s))
	}},
	{"JSON with escaped slashes", func(s string) string { return strings.ReplaceAll(jsonText(s), "/", `\/`) }},
	{"query", url.QueryEscape},
	{"query in lower case", func(s string) string { return inLowerHex(url.QueryEscape(s)) }},
	{"path", url.PathEscape},
	{"HTML", html.EscapeString},
	{"HTML by name", strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace},
}

// thorough are those that escape every character, needed or not.
var thorough = []encoding{
	{"JSON, each character", eachUnit(`\u%04x`)},
	{"JSON, each character in upper case", eachUnit(`\u%04X`)},
	{"URL, each byte", func(s string) string {
		var b strings.Builder
		for _, x := range []byte(s) {
			fmt.Fprintf(&b, "%%%02x", x)
		}
		return b.String()
	}},
	{"HTML, each character", eachRune("&#%d;")},
	{"HTML, each character in hexadecimal", eachRune("&#x%X;")},
}

func jsonText(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b[1 : len(b)-1])
}

var percentEscape = regexp.MustCompile(`%[0-9A-F]{2}`)

func inLowerHex(s string) string { return percentEscape.ReplaceAllStringFunc(s, strings.ToLower) }

func eachUnit(form string) func(string) string {
	return func(s string) string {
		var b strings.Builder
		for _, u := range utf16.Encode([]rune(s)) {
			fmt.Fprintf(&b, form, u)
		}
		return b.String()
	}
}

func eachRune(form string) func(string) string {
	return func(s string) string {
		var b strings.Builder
		for _, c := range s {
			fmt.Fprintf(&b, form, c)
		}
		return b.String()
	}
}

// onceAndTwice are all encodings, and each of them encoded again.
func onceAndTwice() []encoding {
	all := append(append([]encoding{}, encodings...), thorough...)
	for _, first := range all {
		for _, second := range encodings[1:] {
			all = append(all, encoding{first.name + " in " + second.name, func(s string) string {
				return second.of(first.of(s))
			}})
		}
	}
	return all
}

var secrets = map[string]string{
	"session ID":     "canary-session-0123",
	"metacharacters": `a.b*c+d?(e)[f]{2}|^g$`,
	"quotes":         `canary"0123'4567`,
	"backslashes":    `canary\0123\\n\u0041`,
	"slashes":        "canary/+0123=/==",
	"markup":         "canary<&>0123&lt;",
	"percent":        "canary%25%2F0123",
	"spaces":         "canary session 01",
	"non-ASCII":      "canäry-Ключ-€-0123",
	"beyond 16 bit":  "canary-🔑🗝-0123",
	"control":        "canary\t0123\n4567\b",
	"same character": "aaaaaaaaaaaa",
}

func TestSecretInAnyEncoding(t *testing.T) {
	for kind, secret := range secrets {
		t.Run(kind, func(t *testing.T) {
			r := newRedactor(secret)
			var shown []string
			for _, e := range onceAndTwice() {
				if got := r.clean("["+e.of(secret)+"] as sent", 300); got != "[(hidden)] as sent" {
					shown = append(shown, e.name+": "+got)
				}
			}
			if len(shown) > 0 {
				t.Errorf("shown in %d encodings, such as %s", len(shown), shown[0])
			}
		})
	}
}

func TestSecretInRequestBody(t *testing.T) {
	for kind, secret := range secrets {
		c := newTestClient(t, nil, func(c *Config) { c.Credentials = UserToken("u", secret) })
		body, err := c.encode([]string{"1"})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range encodings {
			got := c.redact.clean("Please Provide Only Valid fields: "+e.of(string(body)), 300)
			if !strings.Contains(got, hidden) || strings.Contains(got, "0123") {
				t.Errorf("%s in %s: %s", kind, e.name, got)
			}
		}
	}
}

func TestSecretAtTheCut(t *testing.T) {
	secret := "canary-session-0123"
	r := newRedactor(secret)
	for _, e := range append(encodings, thorough...) {
		for at := 150; at < 900; at++ {
			got := r.clean(strings.Repeat(".", at)+e.of(secret)+" and more", bodyPiece)
			if strings.Contains(got, "cana") || strings.Contains(got, "u0063") || strings.Contains(got, "%6") || strings.Contains(got, "&#") {
				t.Fatalf("%s at %d: %s", e.name, at, got)
			}
		}
	}
	// Nor does a row of them, each of which makes the text shorter.
	if got := r.clean(strings.Repeat(eachUnit(`\u%04x`)(secret), 200), bodyPiece); strings.Contains(got, "u00") || !strings.HasPrefix(got, hidden) {
		t.Errorf("a row of secrets: %s", got)
	}
}

func TestSecretOfAnyLength(t *testing.T) {
	for _, n := range []int{1, 8, 1000, 4000, 300_000} {
		secret := strings.Repeat("Ab3/", n/4+1)[:n]
		func() {
			defer func() {
				if said := recover(); said != nil {
					t.Errorf("%d characters: a panic that says %.80v…", n, said)
				}
			}()
			r := newRedactor(secret)
			for _, e := range encodings {
				if got := r.clean("["+e.of(secret)+"]", 300); strings.Contains(got, "Ab3") || !strings.Contains(got, hidden) {
					t.Errorf("%d characters, %s: %.200s", n, e.name, got)
				}
			}
		}()
	}
}

func TestSeveralSecretsAndNone(t *testing.T) {
	r := newRedactor("first-secret", "first-secret-and-more")
	if got := r.clean("first-secret-and-more, first-secret", 300); strings.Contains(got, "first") {
		t.Errorf("two secrets: %s", got)
	}
	if got := newRedactor().clean("nothing to hide", 300); got != "nothing to hide" {
		t.Errorf("no secret: %s", got)
	}
	if got := (redactor{}).clean(strings.Repeat("x", 1000), 10); got != "xxxxxxxxxx…" {
		t.Errorf("no secret: %s", got)
	}
}

func TestUserInfoIsHidden(t *testing.T) {
	r := newRedactor("canary-session-0123")
	for text, want := range map[string]string{
		"proxyconnect tcp: http://user:hunter22@proxy:3128: refused":                                                      "proxyconnect tcp: http://(hidden)@proxy:3128: refused",
		"https://user@h.example and https://:pw@h.example":                                                                "https://(hidden)@h.example and https://(hidden)@h.example",
		"https://h.example/a@b":                                                                                           "https://h.example/a@b",
		`invalid proxy address "http://user:hunter 22@proxy:3128": parse`:                                                 `invalid proxy address "http://(hidden)@proxy:3128": parse`,
		`invalid proxy address "user:hunter%zz@proxy:3128": parse "http://user:hunter%zz@proxy:3128": invalid URL escape`: `invalid proxy address "(hidden)@proxy:3128": parse "http://(hidden)@proxy:3128": invalid URL escape`,
	} {
		if got := r.clean(text, 300); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestCleanIsOnePrintableLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "",
		" \r\n\t":                         "",
		"a\r\n bc\t def ":                 "a bc def",
		"012345678 9":                     "012345678…",
		"0123456789 1":                    "0123456789…",
		"\x1b[1mred\x1b[0m\a":             "[1mred [0m",
		"a\u202eb\u200bc\u00a0d\u2028e":   "a b c d e",
		"a\xff\xfeb\ufffdc":               "a b c",
		"äöü€🔑":                           "äöü€🔑",
		strings.Repeat("ab ", 5):          "ab ab ab a…",
		"0123456789":                      "0123456789",
		"01234567890":                     "0123456789…",
		"0123456789" + " ":                "0123456789",
		strings.Repeat("🔑", 11):           strings.Repeat("🔑", 10) + "…",
		strings.Repeat("\x00", 5) + "far": "far",
	} {
		if got := newRedactor("canary-session-0123").clean(text, 10); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// At least eight characters of a secret never survive, neither as they are nor
// in the encoding that they came in; not even half of them.
func FuzzClean(f *testing.F) {
	for _, secret := range secrets {
		f.Add(secret, "invalid: ", " as sent", uint8(0), uint16(200))
	}
	all := onceAndTwice()
	f.Fuzz(func(t *testing.T, secret, before, after string, which uint8, limit uint16) {
		if utf8.RuneCountInString(secret) < 8 || len(secret) > 200 || !utf8.ValidString(secret) {
			return
		}
		if len(resolve(strings.TrimRight(secret, `\%&u0123456789abcdefABCDEF`)).bytes) < 8 {
			return // little but escapes, and not to be told from those of the text
		}
		if strings.ContainsFunc(secret, func(c rune) bool { return c == 0 || c >= 0x80 && c < 0xa0 }) {
			return // HTML's numbers for these mean other characters
		}
		if openEscape.MatchString(before) {
			return // what stands before a credential, such as a quote or "=", opens no escape
		}
		r, e, most := newRedactor(secret), all[int(which)%len(all)], int(limit%1000)
		form := e.of(secret)
		got := r.clean(before+form+after, most)
		checkClean(t, got, most)
		harmless := []string{before, after, hidden, r.clean(before+after, most), r.clean(before+hidden+after, most)}
		for _, half := range append(halves(secret), halves(form)...) {
			contains := func(s string) bool { return strings.Contains(s, half) }
			if slices.ContainsFunc(around(got), contains) && !slices.ContainsFunc(harmless, contains) {
				t.Errorf("%s: %q survives in %q", e.name, half, got)
			}
		}
	})
}

// around are the pieces of a cleaned text beside the marks of what it hides, of
// which the last may be cut. A secret may begin as those do.
func around(got string) []string {
	cut, _ := strings.CutSuffix(got, "…")
	for n := len(hidden); n > 0; n-- {
		if whole, ok := strings.CutSuffix(cut, hidden[:n]); ok {
			cut = whole
			break
		}
	}
	return strings.Split(cut, hidden)
}

func halves(s string) []string {
	middle := len(s) / 2
	for !utf8.RuneStart(s[middle]) {
		middle++
	}
	return []string{s[:middle], s[middle:]}
}

// checkClean checks all that clean promises but the hiding.
func checkClean(t *testing.T, got string, limit int) {
	t.Helper()
	if !utf8.ValidString(got) || strings.ContainsFunc(got, func(c rune) bool { return !unicode.IsPrint(c) }) {
		t.Errorf("not printable: %q", got)
	}
	if n := utf8.RuneCountInString(got) - strings.Count(got, hidden)*len(hidden); n > limit+1 {
		t.Errorf("%d runes, want at most %d and the mark of a cut: %q", n, limit, got)
	}
}

// A secret of nothing but escapes resolves to nothing, which stands everywhere.
func TestSecretOfBackslashesEnds(t *testing.T) {
	secret := strings.Repeat(`\`, 7) + "0"
	if got := newRedactor(secret).clean("["+secret+"]", 300); strings.Contains(got, secret) {
		t.Errorf("shown: %s", got)
	}
}
