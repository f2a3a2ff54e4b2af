package deepcall

import (
	"bytes"
	"regexp"
	"slices"
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
	secrets func() []secret
	reach   int // bytes that the longest secret may take, encoded
}

// secret is what to look for, with its escapes resolved.
type secret struct {
	bytes []byte
	open  bool // its end is cut off, and has become one with the text behind it
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
	r.secrets = sync.OnceValue(func() (all []secret) {
		for _, s := range secrets {
			whole := resolve(s).bytes
			all = append(all, secret{bytes: whole})
			if cut := openEscape.FindIndex(whole); cut != nil {
				all = append(all, secret{bytes: whole[:cut[0]], open: true})
			}
			if cut := openEscape.FindStringIndex(s); cut != nil {
				all = append(all, secret{bytes: resolve(s[:cut[0]]).bytes, open: true})
			}
		}
		return slices.DeleteFunc(all, func(s secret) bool { return len(s.bytes) == 0 })
	})
	return r
}

// openEscape is an end that might become an escape together with the text
// behind it.
var openEscape = regexp.MustCompile(`(?:%[0-9A-Fa-f]?|&[0-9A-Za-z#]{0,8}|\\u?[0-9A-Fa-f]{0,3})$`)

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
// text stands in it, together with those that overlap it, or -1.
func (r redactor) find(t resolved, after int) (from, to int) {
	first := 0
	for first < len(t.bytes) && t.at[first] < after {
		first++
	}
	from, to = -1, -1
	for _, s := range r.secrets() {
		if i := bytes.Index(t.bytes[first:], s.bytes); i >= 0 && (from < 0 || first+i < from) {
			from, to = first+i, t.end(s, first+i)
		}
	}
	if from < 0 {
		return -1, -1
	}
	for longer := true; longer; {
		longer = false
		for _, s := range r.secrets() {
			i := bytes.LastIndex(t.bytes[:min(len(t.bytes), to+len(s.bytes)-1)], s.bytes)
			if i >= from && t.end(s, i) > to {
				to, longer = t.end(s, i), true
			}
		}
	}
	return t.at[from], t.at[to]
}

// end returns the byte behind s, which begins at byte i, and behind the escape
// in which s ends.
func (t resolved) end(s secret, i int) int {
	end := i + len(s.bytes)
	if s.open && end < len(t.bytes) {
		end++
	}
	for end < len(t.bytes) && t.at[end] == t.at[end-1] {
		end++
	}
	return end
}
