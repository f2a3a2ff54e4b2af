package main

import (
	"encoding/base64"
	"html"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// piece is how many characters of a credential in a row count as one.
const piece = 8

// redactor keeps text that repeats a credential from being shown.
type redactor struct {
	needles []string // in lower case, without whitespace
	ids     []string // agents, which a report does not name
}

func newRedactor(l login, ids []string) redactor {
	r := redactor{ids: ids}
	secrets := []string{l.SSID, l.Token}
	// A user ID is not secret, but may be private. One that is short, or that is
	// an agent of this check, stands everywhere.
	if len(l.UserID) >= 4 && !slices.Contains(ids, l.UserID) {
		secrets = append(secrets, l.UserID)
	}
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"} {
		if u, err := url.Parse(os.Getenv(name)); err == nil && u.User != nil {
			password, _ := u.User.Password()
			secrets = append(secrets, password)
		}
	}
	for _, secret := range secrets {
		r.add(secret, piece)
		for shift := range 3 { // where in a longer text it begins, base64 differs
			text := base64.RawStdEncoding.EncodeToString([]byte("..."[:shift] + secret))
			if len(secret) >= piece {
				r.add(text[min(len(text), shift+1):len(text)-1], piece+1)
			}
		}
	}
	return r
}

// add looks for a text, or any n characters of it.
func (r *redactor) add(text string, n int) {
	text = flat(text)
	for i := 0; i+n < len(text); i++ {
		r.needles = append(r.needles, text[i:i+n])
	}
	if text != "" {
		r.needles = append(r.needles, text[max(0, len(text)-n):])
	}
}

func flat(text string) string {
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.ToLower(text)) // base64 as in URLs
	return strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) {
			return -1
		}
		return c
	}, text)
}

var (
	percent   = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	backslash = regexp.MustCompile(`\\(u[0-9A-Fa-f]{4}|.)`)
)

// decoded takes one layer of JSON, URL and HTML encoding off.
func decoded(text string) string {
	text = backslash.ReplaceAllStringFunc(html.UnescapeString(text), func(s string) string {
		if unquoted, err := strconv.Unquote(`"` + s + `"`); err == nil {
			return unquoted
		}
		return s[1:]
	})
	return percent.ReplaceAllStringFunc(text, func(s string) string {
		code, _ := strconv.ParseUint(s[1:], 16, 8) // two hexadecimal digits always are a byte
		return string([]byte{byte(code)})
	})
}

// leaks tells whether a text repeats a credential or a piece of one.
func (r redactor) leaks(text string) bool {
	for range 5 {
		plain := flat(text)
		if slices.ContainsFunc(r.needles, func(n string) bool { return strings.Contains(plain, n) }) {
			return true
		}
		text = decoded(text)
	}
	return false
}

var word = regexp.MustCompile(`[\pL\pN_-]+`)

// quote shows a text from outside, or says why it does not.
func (r redactor) quote(text string) string {
	const most = 160 // runes
	if r.leaks(text) {
		return "(not shown: it repeats a credential)"
	}
	text = word.ReplaceAllStringFunc(text, func(s string) string {
		if slices.Contains(r.ids, s) {
			return "AGENT"
		}
		return s
	})
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strconv.Quote(text)
}

// quoted is what net/http repeats of a proxy's address or of an answer that is
// not HTTP.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// failure says why no answer came.
func (r redactor) failure(err error, l *url.URL) string {
	text := quoted.ReplaceAllLiteralString(err.Error(), `"…"`)
	text = strings.ReplaceAll(text, l.Host, "HOST")
	return "no answer: " + r.quote(strings.ReplaceAll(text, l.Hostname(), "HOST"))
}
