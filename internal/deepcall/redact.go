package deepcall

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

const hidden = "(hidden)"

// redactor takes credentials out of text that comes from outside: a server may
// echo the request, a proxy may quote it, each in an encoding of its own, one
// inside another. So text and secrets are compared with every escape resolved.
type redactor struct {
	// A function, so that printing a redactor shows an address. nil: nothing to
	// hide.
	secrets func() [][]byte
	reach   int // bytes that the longest secret may take, encoded
}

// mostEscaped is how much longer than itself a secret is looked for: \u00e9
// percent-encoded twice over spends 30 bytes on two.
const mostEscaped = 32

func newRedactor(secrets ...string) redactor {
	if len(secrets) == 0 {
		return redactor{}
	}
	var r redactor
	for _, s := range secrets {
		r.reach = max(r.reach, mostEscaped*len(s))
	}
	r.secrets = sync.OnceValue(func() [][]byte {
		var resolved [][]byte
		for _, s := range secrets {
			whole := resolve(s).bytes
			resolved = append(resolved, whole)
			if open := openEscape.FindIndex(whole); open != nil && open[0] > 0 {
				resolved = append(resolved, whole[:open[0]])
			}
		}
		return resolved
	})
	return r
}

// openEscape is an end that might become an escape together with the text
// behind it.
var openEscape = regexp.MustCompile(`(?:%u?[0-9A-Fa-f]{0,3}|&[0-9A-Za-z#]{0,8})$`)

// userInfo is what stands before the host in a URL, as in a proxy's address,
// with or without the scheme.
var userInfo = regexp.MustCompile(`(://)[^/@"]*@|()[^\s/@":]+:[^\s/@"]*@`)

// clean makes text from outside fit to print: credentials hidden, one line,
// nothing that moves a terminal's cursor, at most limit runes.
func (r redactor) clean(text string, limit int) string {
	text = r.hide(text, (limit+1)*utf8.UTFMax)
	text = userInfo.ReplaceAllString(text, "${1}"+hidden+"@")
	var b strings.Builder
	n, space := 0, false
	for _, c := range text {
		if !unicode.IsPrint(c) || unicode.IsSpace(c) || c == utf8.RuneError {
			space = n > 0
			continue
		}
		if space {
			n++
		}
		if n >= limit {
			b.WriteString("…")
			break
		}
		if space {
			b.WriteByte(' ')
			space = false
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
	if r.secrets == nil {
		return text[:min(len(text), size+1)]
	}
	var b strings.Builder
	for text != "" && b.Len() <= size {
		head := resolve(text[:min(len(text), size+1+r.reach)])
		done := 0 // bytes of text that are written or hidden
		for done <= size {
			from, to := r.find(head, done)
			if from < 0 || from > size {
				break
			}
			b.WriteString(text[done:from] + hidden)
			done = to
		}
		if rest := min(len(text), size+1); done < rest {
			b.WriteString(text[done:rest])
			done = rest
		}
		text = text[done:]
	}
	return b.String()
}

// find returns where the first secret at or behind byte after of the original
// text stands in it, or -1.
func (r redactor) find(t resolved, after int) (from, to int) {
	first := 0
	for first < len(t.bytes) && t.at[first] < after {
		first++
	}
	from, to = -1, -1
	for _, secret := range r.secrets() {
		i := bytes.Index(t.bytes[first:], secret)
		if i < 0 {
			continue
		}
		if at := t.at[first+i]; from < 0 || at < from || at == from && t.at[first+i+len(secret)] > to {
			from, to = at, t.at[first+i+len(secret)]
		}
	}
	return from, to
}
