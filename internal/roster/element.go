package roster

import (
	"bytes"
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

// Unpack returns the elements behind the only element of a packed set, or behind
// the value at [Key] of a packed map. It reports false for any other text.
func Unpack(packed string) (elements []Element, ok bool) {
	encoded, ok := strings.CutPrefix(packed, Key)
	if !ok || encoded == "" {
		return nil, false
	}
	unread := strings.NewReader(encoded)
	decoder := msgpack.NewDecoder(unread)
	keyed := isMap(encoded[0])
	readLength := decoder.DecodeArrayLen
	if keyed {
		readLength = decoder.DecodeMapLen
	}
	length, err := readLength()
	elements = make([]Element, 0, min(max(length, 0), len(encoded)))
	for i := 0; i < length && err == nil; i++ {
		var e Element
		text := &e.ID
		if keyed {
			text = &e.Label
			if e.ID, err = decoder.DecodeString(); err != nil {
				break
			}
		}
		code, _ := decoder.PeekCode() // what is decoded next meets the same error
		if e.Null, e.Unknown = code == msgpcode.Nil, msgpcode.IsExt(code); e.Null || e.Unknown {
			err = decoder.Skip()
		} else {
			*text, err = decoder.DecodeString()
		}
		elements = append(elements, e)
	}
	return elements, err == nil && length >= 0 && unread.Len() == 0
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

func isArray(code byte) bool {
	return msgpcode.IsFixedArray(code) || code == msgpcode.Array16 || code == msgpcode.Array32
}

func isMap(code byte) bool {
	return msgpcode.IsFixedMap(code) || code == msgpcode.Map16 || code == msgpcode.Map32
}
