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
	return a.rewrite(value, func(raw msgpack.RawMessage) any {
		switch {
		case isArray(raw[0]):
			return []string{Key + string(raw)}
		case isMap(raw[0]):
			return map[string]string{Key: Key + string(raw)}
		default:
			return raw
		}
	})
}

// unpack puts back the rosters that pack or the provider packed.
func (a attributes) unpack(value *tfprotov6.DynamicValue) *tfprotov6.DynamicValue {
	return a.rewrite(value, func(raw msgpack.RawMessage) any {
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
		if encoded, ok := collectionIn(text); ok {
			return msgpack.RawMessage(encoded)
		}
		return raw
	})
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

// rewrite returns the object with its rosters replaced by what the function makes
// of them, and everything else byte for byte as it was. What cannot be read as an
// object is returned as it is, for the framework to reject.
func (a attributes) rewrite(value *tfprotov6.DynamicValue, replace func(msgpack.RawMessage) any) *tfprotov6.DynamicValue {
	if value == nil || len(value.MsgPack) == 0 || !isMap(value.MsgPack[0]) {
		return value
	}
	unread := bytes.NewReader(value.MsgPack)
	decoder := msgpack.NewDecoder(unread)
	var rewritten bytes.Buffer
	encoder := msgpack.NewEncoder(&rewritten) // writing to a buffer cannot fail

	length, err := decoder.DecodeMapLen()
	if err != nil {
		return value
	}
	_ = encoder.EncodeMapLen(length)
	for range length {
		name, err := decoder.DecodeString()
		if err != nil {
			return value
		}
		raw := value.MsgPack[len(value.MsgPack)-unread.Len():]
		if err := decoder.Skip(); err != nil {
			return value
		}
		raw = raw[:len(raw)-unread.Len()]
		var attribute any = msgpack.RawMessage(raw)
		if slices.Contains(a, name) {
			attribute = replace(raw)
		}
		_ = encoder.EncodeMulti(name, attribute)
	}
	return &tfprotov6.DynamicValue{MsgPack: rewritten.Bytes()}
}

func isArray(code byte) bool {
	return msgpcode.IsFixedArray(code) || code == msgpcode.Array16 || code == msgpcode.Array32
}

func isMap(code byte) bool {
	return msgpcode.IsFixedMap(code) || code == msgpcode.Map16 || code == msgpcode.Map32
}
