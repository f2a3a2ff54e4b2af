package deepcall

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// encoding is a way in which a server may return what it was sent.
type encoding struct {
	name string
	of   func(string) string
}

// encodings are those that servers, proxies and libraries use, and those that
// escape every character, needed or not.
var encodings = []encoding{
	{"raw", func(s string) string { return s }},
	{"JSON", jsonText},
	{"JSON without HTML escapes", func(s string) string {
		return strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(jsonText(s))
	}},
	{"JSON with escaped slashes", func(s string) string { return strings.ReplaceAll(jsonText(s), "/", `\/`) }},
	{"query", url.QueryEscape},
	{"path", url.PathEscape},
	{"HTML", html.EscapeString},
	{"HTML by name", strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace},
	{"JSON, each character", eachUnit(`\u%04x`)},
	{"JSON, each character in upper case", eachUnit(`\u%04X`)},
	{"URL, each byte", eachByte("%%%02x")},
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

func eachOf[T any](split func(string) []T) func(form string) func(string) string {
	return func(form string) func(string) string {
		return func(s string) string {
			var b strings.Builder
			for _, x := range split(s) {
				fmt.Fprintf(&b, form, x)
			}
			return b.String()
		}
	}
}

var (
	eachByte = eachOf(func(s string) []byte { return []byte(s) })
	eachRune = eachOf(func(s string) []rune { return []rune(s) })
	eachUnit = eachOf(func(s string) []uint16 { return utf16.Encode([]rune(s)) })
)

// base64s are both alphabets, at every alignment, with padding or without, in
// one line or wrapped.
func base64s() (all []encoding) {
	for name, coding := range map[string]*base64.Encoding{
		"base64": base64.StdEncoding, "base64url": base64.URLEncoding, "raw base64": base64.RawStdEncoding, "raw base64url": base64.RawURLEncoding,
	} {
		for before := range 3 {
			of := func(s string) string { return coding.EncodeToString([]byte("xyz"[:before] + s + "\n")) }
			all = append(all,
				encoding{fmt.Sprint(name, " after ", before), of},
				encoding{fmt.Sprint(name, " after ", before, " in two lines"), func(s string) string { c := of(s); return c[:9] + "\r\n" + c[9:] }})
		}
	}
	return all
}

// nestings are all encodings, and each of them encoded again.
func nestings() (all []encoding) {
	single := append(base64s(), encodings...)
	for _, first := range single {
		for _, second := range encodings {
			all = append(all, encoding{first.name + " in " + second.name, func(s string) string { return second.of(first.of(s)) }})
		}
	}
	return all
}

const canary = "canary-session-0123"

var secrets = map[string]string{
	"session ID":     canary,
	"metacharacters": `a.b*c+d?(e)[f]{2}|^g$`,
	"quotes":         `canary"0123'4567`,
	"backslashes":    `canary\0123\\n\u0041`,
	"slashes":        "canary/+0123=/==",
	"markup":         "canary<&>0123&lt;",
	"markup, digits": "abc<def&0123<4567&89",
	"percent":        "canary%25%2F0123",
	"spaces":         "canary session 01",
	"non-ASCII":      "canäry-Ключ-€-0123",
	"beyond 16 bit":  "canary-🔑🗝-0123",
	"same character": "aaaaaaaaaaaa",
	"plus":           "ab+cd+ef+gh+ij+kl",
}

func TestSecretInAnyEncoding(t *testing.T) {
	all := nestings()
	for kind, secret := range secrets {
		t.Run(kind, func(t *testing.T) {
			r := newRedactor(secret)
			for _, e := range all {
				if got := r.clean("["+e.of(secret)+"] as sent", 300); got != hiddenText {
					t.Errorf("%s: %s", e.name, got)
				}
			}
		})
	}
}

// Eight characters in a row are hidden, in every encoding, also where an echo was
// cut off behind them; seven are not.
func TestPieceOfASecret(t *testing.T) {
	for kind, secret := range secrets {
		r, runes := newRedactor(secret), []rune(secret)
		for i := 0; i+8 <= len(runes); i++ {
			for _, e := range append(base64s(), encodings...) {
				piece := "[" + e.of(string(runes[i:i+8]))
				for _, end := range []string{"] as sent", "", `\`, `\u00`, "%", "%2", "&", "&#"} {
					if got := r.clean(piece+end, 300); got != hiddenText {
						t.Errorf("%s, %s, %q behind it: %s", kind, e.name, end, got)
					}
				}
			}
		}
	}
	for i := 0; i+7 <= len(canary); i++ {
		if text := "[" + canary[i:i+7] + "]"; newRedactor(canary).clean(text, 300) != text {
			t.Errorf("%s is hidden", text)
		}
	}
}

func TestSecretInDisguise(t *testing.T) {
	for name, text := range map[string]string{
		"upper case":                strings.ToUpper(canary),
		"JSON in upper case":        strings.ToUpper(eachUnit(`\u%04x`)(canary)),
		"mostly whitespace":         "ab  cd  ef  gh",
		"title case in a query":     url.QueryEscape(strings.ToUpper(canary[:1]) + canary[1:]),
		"wrapped":                   "canary-ses\r\n  sion-0123",
		"wrapped in JSON":           `canary-ses\nsion-0123`,
		"spaced":                    strings.Join(strings.Split(canary, ""), " "),
		"zero-width characters":     strings.Join(strings.Split(canary, ""), "\u200b"),
		"broken UTF-8":              strings.Join(strings.Split(canary, ""), "\xff"),
		"five layers":               url.QueryEscape(url.QueryEscape(html.EscapeString(html.EscapeString(eachUnit(`\u%04x`)(canary))))),
		"behind whitespace":         strings.Repeat(" \n", 10_000) + canary,
		"behind control characters": strings.Repeat("\x00", 10_000) + canary,
		"behind an escape":          `\` + eachUnit(`\u%04x`)(canary),
		"behind a percent sign":     "%" + eachByte("%%%02x")(canary),
		"behind an ampersand":       "&" + eachRune("&#%d;")(canary),
		"past what is shown":        strings.Repeat("x", 1000) + canary,
		"many times":                strings.Repeat(eachUnit(`\u%04x`)(canary), 500),
	} {
		if got := newRedactor("other-secret", "ab  cd  ef  gh", canary).clean(text, 300); got != hiddenText {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestSecretOfAnyLength(t *testing.T) {
	for _, n := range []int{1, 7, 8, 1000, 4000} {
		secret := strings.Repeat("Ab3/", n/4+1)[:n]
		r := newRedactor(secret)
		for _, e := range encodings {
			if got := r.clean("["+e.of(secret)+"]", 300); got != hiddenText {
				t.Errorf("%d characters, %s: %.200s", n, e.name, got)
			}
		}
	}
}

// What looks like a secret and is none is shown: as one line that prints, cut
// off at the limit.
func TestHarmlessTextIsShown(t *testing.T) {
	const id = "0b5e7f2c-8d1a-4c3e-9f60-7a2b4d6e8f10"
	for _, c := range []struct{ secret, text, want string }{
		{canary, "canary- and session 0123", "canary- and session 0123"},
		{canary, "100% of 3 < 4 & more \\ that's all", "100% of 3 < 4 & more \\ that's all"},
		{id, "dial tcp 192.0.2.1:443: connect: connection refused", "dial tcp 192.0.2.1:443: connect: connection refu…"},
		{"x", "Invalid AgentID", "Invalid AgentID"},
		{"u1", "width 2", "width 2"}, // whose base64 begins with dT
		{"ab  cd  ef  gh", "abcd", "abcd"},
		{"\u200b", "abcd", "abcd"},
		{"", "nothing to hide: " + canary, "nothing to hide: " + canary},
		{canary, "", ""},
		{canary, " \r\n\t", ""},
		{canary, "a\r\n bc\t def ", "a bc def"},
		{canary, "\x1b[1mred\x1b[0m\a", "[1mred [0m"},
		{canary, "a\u202eb\u200bc\u00a0d\u2028e", "a b c d e"},
		{canary, "a\xff\xfeb\ufffdc", "a b c"},
		{canary, "äöü€🔑", "äöü€🔑"},
		{canary, strings.Repeat("x", 47) + " y", strings.Repeat("x", 47) + "…"},
		{canary, strings.Repeat("🔑", 48) + " ", strings.Repeat("🔑", 48)},
		{canary, strings.Repeat("🔑", 49), strings.Repeat("🔑", 48) + "…"},
		{canary, strings.Repeat("\x00", 50) + "far", "far"},
	} {
		if got := newRedactor(c.secret).clean(c.text, 48); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

// A secret of at least eight characters is hidden in any encoding, whatever
// stands around it, unless that opens an escape: then no eight characters of it
// are shown.
func FuzzClean(f *testing.F) {
	for _, secret := range secrets {
		f.Add(secret, "invalid: ", " as sent", uint8(0), uint16(200))
	}
	all := append(base64s(), encodings...)
	f.Fuzz(func(t *testing.T, secret, before, after string, which uint8, limit uint16) {
		if utf8.RuneCountInString(secret) < 8 || len(secret) > 200 || !utf8.ValidString(secret) || ValidateCredential(secret) != nil || len(before) > 4000 {
			return
		}
		r, e, most := newRedactor(secret), all[int(which)%len(all)], int(limit%1000)
		got := r.clean(before+e.of(secret)+after, most)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(c rune) bool { return !unicode.IsPrint(c) }) {
			t.Errorf("not printable: %q", got)
		}
		if got == hiddenText {
			return
		}
		if n := utf8.RuneCountInString(got); n > most+1 {
			t.Errorf("%d runes, want at most %d and the mark of a cut: %q", n, most, got)
		}
		if !strings.ContainsAny(before, `\%&`) {
			t.Errorf("%s is shown: %q", e.name, got)
		}
		runes := []rune(secret)
		for i := 0; i+8 <= len(runes); i++ {
			if piece := string(runes[i : i+8]); strings.Contains(got, piece) {
				t.Errorf("%s: %q survives in %q", e.name, piece, got)
			}
		}
	})
}
