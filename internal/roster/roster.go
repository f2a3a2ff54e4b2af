// Package roster takes large sets and maps of strings past the plugin
// framework. The framework copies, walks and compares every element of every
// value many times over, and compares sets pair by pair. A [Server] in front of
// it packs each collection into one string, so that the framework meets one
// element, and unpacks it on the way back; a CLI sees no difference.
//
// The package knows neither the API nor the framework.
package roster

import (
	"cmp"
	"strings"
)

// Compare orders numbers by value, ahead of all other IDs in the order of their
// bytes.
func Compare(a, b string) int {
	aNumber, bNumber := isNumber(a), isNumber(b)
	switch {
	case aNumber && bNumber:
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	case aNumber:
		return -1
	case bNumber:
		return 1
	}
	return cmp.Compare(a, b)
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
