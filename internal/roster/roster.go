// Package roster takes large sets and maps of strings past the plugin
// framework. The framework copies, walks and compares every element of every
// value many times over, and compares sets pair by pair. A [Server] in front of
// it packs each collection into one string, so that the framework meets one
// element, and unpacks it on the way back; a CLI sees no difference.
//
// The package knows neither the API nor the framework.
package roster

import (
	"bytes"
	"cmp"
	"strings"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// Key is the only key of a packed map. Every packed text starts with it, too.
// A collection that happens to hold it is packed like any other, so it cannot be
// mistaken.
const Key = "\x00packed:"

// Element is an element of a set of IDs or of a map of IDs to labels.
type Element struct {
	ID, Label     string // "" where it is null or unknown
	Null, Unknown bool   // the label in a map, or the ID in a set
}

// Pack returns the value at [Key] of the packed map of these IDs to their labels
// or, where labels is nil, the only element of the packed set of the IDs.
func Pack(ids []string, labels map[string]string) string {
	var text bytes.Buffer
	text.WriteString(Key)
	encoder := msgpack.NewEncoder(&text) // writing to a buffer cannot fail
	if labels == nil {
		_ = encoder.EncodeArrayLen(len(ids))
	} else {
		_ = encoder.EncodeMapLen(len(ids))
	}
	for _, id := range ids {
		_ = encoder.EncodeString(id)
		if labels != nil {
			_ = encoder.EncodeString(labels[id])
		}
	}
	return text.String()
}

// Unpack returns the elements behind the only element of a packed set, or behind
// the value at [Key] of a packed map. It reports false for any other text.
func Unpack(packed string) (elements []Element, ok bool) {
	encoded, ok := collectionIn(packed)
	if !ok {
		return nil, false
	}
	decoder := msgpack.NewDecoder(strings.NewReader(encoded))
	labeled, readLength := isMap(encoded[0]), decoder.DecodeArrayLen
	if labeled {
		readLength = decoder.DecodeMapLen
	}
	length, err := readLength()
	elements = make([]Element, 0, length) // all of them are in the text
	for i := 0; i < length && err == nil; i++ {
		var e Element
		text := &e.ID
		if labeled {
			text = &e.Label
			if e.ID, err = decoder.DecodeString(); err != nil {
				break
			}
		}
		code, _ := decoder.PeekCode()
		if e.Null, e.Unknown = code == msgpcode.Nil, msgpcode.IsExt(code); e.Null || e.Unknown {
			err = decoder.Skip()
		} else {
			*text, err = decoder.DecodeString()
		}
		elements = append(elements, e)
	}
	return elements, err == nil
}

// collectionIn returns the whole collection in a packed text, as Terraform
// encoded it. It reports false for any other text: state that reached the
// framework unpacked may hold anything.
func collectionIn(text string) (encoded string, ok bool) {
	encoded, ok = strings.CutPrefix(text, Key)
	if !ok || encoded == "" || !isArray(encoded[0]) && !isMap(encoded[0]) {
		return "", false
	}
	unread := strings.NewReader(encoded)
	err := msgpack.NewDecoder(unread).Skip()
	return encoded, err == nil && unread.Len() == 0
}

func isArray(code byte) bool {
	return msgpcode.IsFixedArray(code) || code == msgpcode.Array16 || code == msgpcode.Array32
}

func isMap(code byte) bool {
	return msgpcode.IsFixedMap(code) || code == msgpcode.Map16 || code == msgpcode.Map32
}

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

func isNumber(s string) bool { return s != "" && !strings.ContainsFunc(s, isNoDigit) }

func isNoDigit(r rune) bool { return r < '0' || r > '9' }
