package roster

import (
	"bytes"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// attributes are the names of an object's attributes that hold rosters.
type attributes []string

// pack replaces the rosters of an object on its way to the framework: a set by a
// set of one element, a map by a map of one label. That one string is the
// elements as Terraform encoded them, unknown and null ones included. A roster
// that is null or unknown as a whole stays as it is.
func (a attributes) pack(value *tfprotov6.DynamicValue) *tfprotov6.DynamicValue {
	return a.rewrite(value, func(raw []byte) (any, bool) {
		switch {
		case isArray(raw[0]):
			return []string{Key + string(raw)}, true
		case isMap(raw[0]):
			return map[string]string{Key: Key + string(raw)}, true
		default:
			return nil, false
		}
	})
}

// unpack puts back the rosters that pack or the provider packed.
func (a attributes) unpack(value *tfprotov6.DynamicValue) *tfprotov6.DynamicValue {
	return a.rewrite(value, func(raw []byte) (any, bool) {
		var text string
		switch raw[0] {
		case msgpcode.FixedArrayLow | 1:
			var ids []string
			if msgpack.Unmarshal(raw, &ids) == nil {
				text = ids[0]
			}
		case msgpcode.FixedMapLow | 1:
			var labels map[string]string
			if msgpack.Unmarshal(raw, &labels) == nil {
				text = labels[Key]
			}
		}
		encoded, ok := strings.CutPrefix(text, Key)
		return msgpack.RawMessage(encoded), ok && isWhole(encoded)
	})
}

// isWhole reports whether encoded is one array or map to its end. State that
// reached the framework unpacked may hold anything.
func isWhole(encoded string) bool {
	unread := strings.NewReader(encoded)
	return encoded != "" && (isArray(encoded[0]) || isMap(encoded[0])) &&
		msgpack.NewDecoder(unread).Skip() == nil && unread.Len() == 0
}

// rewrite returns the object with its rosters replaced where the function says
// so, and everything else byte for byte as it was. What cannot be read as an
// object is returned as it is, for the framework to reject.
func (a attributes) rewrite(value *tfprotov6.DynamicValue, replace func(raw []byte) (any, bool)) *tfprotov6.DynamicValue {
	if value == nil || len(value.MsgPack) == 0 || !isMap(value.MsgPack[0]) {
		return value
	}
	unread := bytes.NewReader(value.MsgPack)
	decoder := msgpack.NewDecoder(unread)
	var rewritten bytes.Buffer
	encoder := msgpack.NewEncoder(&rewritten) // writing to a buffer cannot fail

	length, err := decoder.DecodeMapLen()
	_ = encoder.EncodeMapLen(length)
	for i := 0; i < length && err == nil; i++ {
		var name string
		if name, err = decoder.DecodeString(); err != nil {
			break
		}
		_ = encoder.EncodeString(name)

		start := len(value.MsgPack) - unread.Len()
		if err = decoder.Skip(); err != nil {
			break
		}
		raw := value.MsgPack[start : len(value.MsgPack)-unread.Len()]
		if slices.Contains(a, name) {
			if replacement, ok := replace(raw); ok {
				_ = encoder.Encode(replacement)
				continue
			}
		}
		rewritten.Write(raw)
	}
	if err != nil {
		return value
	}
	return &tfprotov6.DynamicValue{MsgPack: rewritten.Bytes()}
}
