package deepcall

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	hidden = "(hidden)"
	// hiddenText replaces a text that contains a credential.
	hiddenText = "(hidden, because it contains a credential)"
	// maxDecoded bounds what is searched, in bytes. What is shown of a text is the
	// beginning of that.
	maxDecoded = 8 << 10
	// maxForms bounds how many forms of a text are searched: two for each way to
	// decode it.
	maxForms = 200
	// minPiece is the length of the pieces of a secret that are searched for, in
	// bytes. An echo may have been cut off.
	minPiece = 8
)

// redactor hides text from outside that contains a credential: a server may echo
// the request, a proxy may quote it, each in an encoding of its own. A text is
// shown or hidden as a whole.
type redactor struct {
	// It removes what is searched for: pieces of secrets, folded. A pointer, so
	// that printing a redactor shows an address.
	pieces *strings.Replacer
}

func newRedactor(secrets ...string) redactor {
	var removals []string
	for _, s := range secrets {
		if s == "" {
			continue
		}
		for _, piece := range piecesOf(s) {
			removals = append(removals, piece, "")
		}
	}
	return redactor{strings.NewReplacer(removals...)}
}

func piecesOf(secret string) (pieces []string) {
	if whole := fold(secret); whole != "" {
		pieces = append(pieces, whole)
	}
	runes := []rune(secret)
	for i := 0; i+minPiece <= len(runes); i++ {
		// A piece of little but whitespace would be found anywhere.
		if piece := fold(string(runes[i : i+minPiece])); len(piece) > minPiece/2 {
			pieces = append(pieces, piece)
		}
	}
	// Base64 has three alignments. Of each, only the characters count that do
	// not depend on what precedes or follows the piece.
	for i := 0; i == 0 || i+minPiece <= len(secret); i++ {
		piece := secret[i:min(i+minPiece, len(secret))]
		for before := range 3 {
			coded := base64.RawStdEncoding.EncodeToString([]byte("xx"[:before] + piece))
			first, last := (before*8+5)/6, (before+len(piece))*8/6
			if coded = foldBase64(coded[first:last]); len(coded) > 2 {
				pieces = append(pieces, coded)
			}
		}
	}
	return pieces
}

// clean makes text from outside fit to print: hidden if it contains a
// credential, else one line of at most limit runes, with nothing that moves a
// terminal's cursor.
func (r redactor) clean(text string, limit int) string {
	line := oneLine(text)
	if slices.ContainsFunc(decodings(line), r.hasPiece) {
		return hiddenText
	}
	if shown := []rune(line); len(shown) > limit {
		return strings.TrimSuffix(string(shown[:limit]), " ") + "…"
	}
	return line
}

// oneLine is the beginning of text with a space in place of what does not print.
func oneLine(text string) string {
	text = strings.TrimLeftFunc(text, isNotShown)
	text = text[:min(len(text), maxDecoded)]
	return strings.Join(strings.FieldsFunc(text, isNotShown), " ")
}

func isNotShown(c rune) bool { return !unicode.IsPrint(c) || unicode.IsSpace(c) || c == utf8.RuneError }

func (r redactor) hasPiece(form string) bool { return r.pieces.Replace(form) != form }

// decodings returns text, folded both ways, as it stands and with the encodings
// of HTML, URLs and JSON taken off, one within another and in every order.
func decodings(text string) (forms []string) {
	seen := map[string]bool{text: true}
	for queue := []string{text}; len(queue) > 0 && len(forms) < maxForms; queue = queue[1:] {
		plain := fold(queue[0])
		forms = append(forms, plain, foldBase64(plain))
		for _, decode := range []func(string) string{html.UnescapeString, decodePlus, decodePercent, decodeBackslash} {
			if next := decode(queue[0]); !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return forms
}

// fold removes case, whitespace, and characters that do not print.
func fold(text string) string {
	return strings.Map(func(c rune) rune {
		if isNotShown(c) {
			return -1
		}
		return unicode.ToLower(c)
	}, text)
}

// foldBase64 is fold for both alphabets of base64.
func foldBase64(text string) string {
	return base64Folder.Replace(strings.ToLower(text))
}

var base64Folder = strings.NewReplacer("+", "", "-", "", "_", "/", "=", "")

// A character may take several percents, or two \u.
var (
	percents = regexp.MustCompile(`(?:%[0-9A-Fa-f]{2})+`)
	escapes  = regexp.MustCompile(`(?:\\[Uu][0-9A-Fa-f]{4})+|\\.`)
)

// decodePlus removes what stands for a space in a URL's query.
func decodePlus(text string) string { return strings.ReplaceAll(text, "+", "") }

func decodePercent(text string) string {
	return percents.ReplaceAllStringFunc(text, func(e string) string {
		decoded, _ := url.PathUnescape(e) // always valid
		return decoded
	})
}

func decodeBackslash(text string) string {
	return escapes.ReplaceAllStringFunc(text, func(e string) (decoded string) {
		if json.Unmarshal([]byte(`"`+strings.ReplaceAll(e, `\U`, `\u`)+`"`), &decoded) != nil { // not an escape of JSON
			return e[1:]
		}
		return decoded
	})
}
