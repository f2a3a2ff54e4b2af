package deepcall

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// mostPasses is how many escapes inside each other are resolved.
const mostPasses = 12

// resolved is text without the escapes of JSON, URLs and HTML. at[i] is where
// what became byte i begins in the original; there is one more, the original's
// length.
type resolved struct {
	bytes []byte
	at    []int
}

// resolve takes escapes away until none is left. Text that means the same in
// two encodings, or in encodings of encodings, resolves to the same.
func resolve(text string) resolved {
	t := resolved{bytes: []byte(text), at: make([]int, len(text)+1)}
	for i := range t.at {
		t.at[i] = i
	}
	for range mostPasses {
		next := t.pass()
		if len(next.bytes) == len(t.bytes) {
			return next // nothing was shorter, so nothing was escaped
		}
		t = next
	}
	return t
}

func (t resolved) pass() resolved {
	next := resolved{bytes: make([]byte, 0, len(t.bytes)), at: make([]int, 0, len(t.at))}
	s := string(t.bytes)
	for i := 0; i < len(s); {
		plain, n := resolveOne(s[i:])
		for j := range len(plain) {
			next.bytes = append(next.bytes, plain[j])
			next.at = append(next.at, t.at[i])
		}
		i += n
	}
	next.at = append(next.at, t.at[len(s)])
	return next
}

// entity is what HTML may mean a character by.
var entity = regexp.MustCompile(`^&#?[0-9A-Za-z]{1,9};`)

// resolveOne resolves the escape at the head of s, or takes its first byte. It
// returns how much of s that was.
func resolveOne(s string) (plain string, n int) {
	switch s[0] {
	case '\\':
		return resolveBackslash(s)
	case '%':
		if x, ok := hex(s, 1, 2); ok {
			return string([]byte{byte(x)}), 3
		}
	case '&':
		if entity := entity.FindString(s); entity != "" {
			// What is known by its beginning alone leaves its end behind.
			if u := html.UnescapeString(entity); u == ";" || !strings.HasSuffix(u, ";") {
				return u, len(entity)
			}
		}
	case '+': // of a URL's query, a space
		return " ", 1
	}
	return s[:1], 1
}

func resolveBackslash(s string) (plain string, n int) {
	if len(s) == 1 {
		return "", 1
	}
	if i := strings.IndexByte("nrtbf", s[1]); i >= 0 {
		return "\n\r\t\b\f"[i : i+1], 2
	}
	if unit, ok := hex(s, 2, 4); ok && s[1] == 'u' {
		high := rune(unit)
		if low, ok := hex(s, 8, 4); ok && s[6:8] == `\u` && utf16.IsSurrogate(high) {
			if r := utf16.DecodeRune(high, rune(low)); r != utf8.RuneError {
				return string(r), 12
			}
		}
		return string(high), 6
	}
	return s[1:2], 2
}

// hex reads n hexadecimal digits at s[from].
func hex(s string, from, n int) (uint64, bool) {
	if len(s) < from+n {
		return 0, false
	}
	v, err := strconv.ParseUint(s[from:from+n], 16, 32)
	return v, err == nil && s[from] != '+'
}
