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

// Element is an element of a set or of a map.
type Element struct {
	Key           string // in a map
	Value         string // "" where it is null or unknown
	Null, Unknown bool
}

// Unpack returns the elements behind the only element of a packed set, or behind
// the value at [Key] of a packed map. It reports false for any other text.
func Unpack(text string) (elements []Element, ok bool) {
	encoded, ok := strings.CutPrefix(text, Key)
	if !ok || encoded == "" {
		return nil, false
	}
	unread := strings.NewReader(encoded)
	decoder := msgpack.NewDecoder(unread)
	keyed := isMap(encoded[0])
	length, err := lengthOf(decoder, keyed)
	elements = make([]Element, 0, min(max(length, 0), len(encoded)))
	for i := 0; i < length && err == nil; i++ {
		var e Element
		if keyed {
			if e.Key, err = decoder.DecodeString(); err != nil {
				break
			}
		}
		var code byte
		if code, err = decoder.PeekCode(); err != nil {
			break
		}
		switch e.Null, e.Unknown = code == msgpcode.Nil, msgpcode.IsExt(code); {
		case e.Null || e.Unknown:
			err = decoder.Skip()
		default:
			e.Value, err = decoder.DecodeString()
		}
		elements = append(elements, e)
	}
	return elements, err == nil && length >= 0 && unread.Len() == 0
}

func lengthOf(decoder *msgpack.Decoder, keyed bool) (int, error) {
	if keyed {
		return decoder.DecodeMapLen()
	}
	return decoder.DecodeArrayLen()
}

// PackSet returns the only element of the packed set of these IDs.
func PackSet(ids []string) string {
	return packed(func(encoder *msgpack.Encoder) {
		_ = encoder.EncodeArrayLen(len(ids))
		for _, id := range ids {
			_ = encoder.EncodeString(id)
		}
	})
}

// PackMap returns the value at [Key] of the packed map of these IDs to their
// labels.
func PackMap(ids []string, labels map[string]string) string {
	return packed(func(encoder *msgpack.Encoder) {
		_ = encoder.EncodeMapLen(len(ids))
		for _, id := range ids {
			_ = encoder.EncodeString(id)
			_ = encoder.EncodeString(labels[id])
		}
	})
}

func packed(encode func(*msgpack.Encoder)) string {
	var text bytes.Buffer
	text.WriteString(Key)
	encode(msgpack.NewEncoder(&text)) // writing to a buffer cannot fail
	return text.String()
}

func isArray(code byte) bool {
	return msgpcode.IsFixedArray(code) || code == msgpcode.Array16 || code == msgpcode.Array32
}

func isMap(code byte) bool {
	return msgpcode.IsFixedMap(code) || code == msgpcode.Map16 || code == msgpcode.Map32
}
