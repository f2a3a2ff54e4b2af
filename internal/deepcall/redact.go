package deepcall

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const hidden = "(hidden)"

// redactor takes credentials out of text that comes from outside: a server may
// echo the request, a proxy may quote it, each in an encoding of its own.
type redactor struct {
	secret func() *regexp.Regexp // nil: nothing to hide
	reach  int                   // bytes that the longest secret may take, encoded
}

// userInfo is what stands before the host in a URL, as in a proxy's address.
var userInfo = regexp.MustCompile(`://[^/@\s"]*@`)

func newRedactor(secrets ...string) redactor {
	var r redactor
	var patterns []string
	for _, s := range secrets {
		patterns = append(patterns, inAnyEncoding(s))
		r.reach = max(r.reach, 16*len(s)) // a doubly escaped %25XX spends ten on two bytes
	}
	if len(patterns) > 0 {
		// Once needed, and not before: a long secret takes a while to compile.
		r.secret = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(strings.Join(patterns, "|")) })
	}
	return r
}

// inAnyEncoding returns a pattern that finds s as it is, and in every mixture
// of JSON, URL and HTML escapes, escaped once or several times over.
func inAnyEncoding(s string) string {
	var b strings.Builder
	for _, c := range s {
		forms := []string{`\\*` + regexp.QuoteMeta(string(c))}
		var units, percent strings.Builder
		for _, u := range utf16.Encode([]rune{c}) {
			fmt.Fprintf(&units, `\\+u(?i:%04x)`, u)
		}
		for _, x := range []byte(string(c)) {
			fmt.Fprintf(&percent, `%%(?:25)*(?i:%02x)`, x)
		}
		forms = append(forms, units.String(), percent.String(),
			fmt.Sprintf(`&(?:amp;)*#0*%d;`, c), fmt.Sprintf(`&(?:amp;)*#(?i:x0*%x);`, c))
		if short, ok := shortEscapes[c]; ok {
			forms = append(forms, short)
		}
		b.WriteString("(?:" + strings.Join(forms, "|") + ")")
	}
	return b.String()
}

var shortEscapes = map[rune]string{
	'&': `&(?:amp;)+`, '<': `&(?:amp;)*lt;`, '>': `&(?:amp;)*gt;`, '"': `&(?:amp;)*quot;`, '\'': `&(?:amp;)*apos;`,
	' ': `\+`, '\n': `\\+n`, '\r': `\\+r`, '\t': `\\+t`, '\b': `\\+b`, '\f': `\\+f`,
}

// clean makes text from outside fit to print: credentials hidden, one line,
// nothing that moves a terminal's cursor, at most limit runes.
func (r redactor) clean(text string, limit int) string {
	text = r.hide(text, limit*utf8.UTFMax)
	text = userInfo.ReplaceAllLiteralString(text, "://"+hidden+"@")
	var b strings.Builder
	n, space := 0, false
	for _, c := range text {
		if !unicode.IsPrint(c) || unicode.IsSpace(c) || c == utf8.RuneError {
			space = n > 0
			continue
		}
		if n >= limit {
			b.WriteString("…")
			break
		}
		if space {
			b.WriteByte(' ')
			n, space = n+1, false
		}
		b.WriteRune(c)
		n++
	}
	return b.String()
}

// hide replaces the secrets at the head of text, until it has more than size
// bytes. It never cuts inside a secret, and looks no farther than it must: an
// answer may have megabytes.
func (r redactor) hide(text string, size int) string {
	if r.secret == nil {
		return text[:min(len(text), size+1)]
	}
	var b strings.Builder
	for text != "" && b.Len() <= size {
		head := text[:min(len(text), size+1+r.reach)]
		at := r.secret().FindStringIndex(head)
		if at == nil || at[0] > size {
			n := min(len(head), size+1)
			b.WriteString(head[:n])
			text = text[n:]
			continue
		}
		b.WriteString(head[:at[0]] + hidden)
		text = text[at[1]:]
	}
	return b.String()
}
