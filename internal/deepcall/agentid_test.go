package deepcall

import (
	"strings"
	"testing"
)

func TestValidateAgentID(t *testing.T) {
	for id, want := range map[string]string{ // "" is for no error
		"1":                          "",
		"ravi kumar":                 "",
		"a\u00a0b":                   "",
		"агент-1":                    "",
		"\"'\\/<&>,":                 "",
		strings.Repeat("x", 100_000): "",
		"":                           "is empty",
		" ":                          "is blank",
		"\t\n":                       "is blank",
		"\u00a0":                     "is blank",
		" 1":                         "begins or ends with whitespace",
		"1 ":                         "begins or ends with whitespace",
		"1\n":                        "begins or ends with whitespace",
		"1\u0085":                    "begins or ends with whitespace",
		"1\n2":                       "control character",
		"1\x002":                     "control character",
		"1\x7f":                      "control character",
		"\x1b[31m1":                  "control character",
		"👩\u200d💻":                   "invisible character U+200D",
		"1\ufeff":                    "invisible character U+FEFF",
		"\u202e1":                    "invisible character U+202E",
		"1\n\u200b":                  "invisible character U+200B",
	} {
		err := ValidateAgentID(id)
		switch {
		case want == "" && err != nil:
			t.Errorf("%.40q: %v", id, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%.40q: %v, want %q in it", id, err, want)
		case err != nil && strings.ContainsAny(err.Error(), "\n\x00\x1b\x7f"):
			t.Errorf("%.40q: the error prints as %q", id, err)
		}
	}
	invisible := map[rune]bool{0xfeff: true}
	for _, r := range [][2]rune{{0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x2069}} {
		for c := r[0]; c <= r[1]; c++ {
			invisible[c] = true
		}
	}
	for c := rune(0x80); c <= 0xffff; c++ {
		if isInvisible(c) != invisible[c] {
			t.Errorf("%U is invisible: %v", c, isInvisible(c))
		}
	}
}
