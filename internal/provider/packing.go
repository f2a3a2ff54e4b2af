package provider

import (
	"bytes"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// packedMark is the key of a packed map and begins the element of a packed set.
// Every complete roster that comes in is packed, whatever is in it, so that one
// that holds the mark itself is packed like any other.
const packedMark = "\x00packed:"

// pack replaces the rosters of an object on its way to the framework: a set by a
// set of one element, a map by a map of one label. That one string is the
// elements as Terraform encoded them. A roster that is null or unknown, or holds
// an element that is, stays as it is. So does what does not read as an object:
// the framework says what is wrong with it.
func pack(value *tfprotov6.DynamicValue) *tfprotov6.DynamicValue {
	return rewriteRosters(value, func(raw []byte) (any, bool) {
		switch {
		case isArray(raw[0]):
			return []string{packedMark + string(raw)}, onlyStrings(raw)
		case isMap(raw[0]):
			return map[string]string{packedMark: string(raw)}, onlyStrings(raw)
		default:
			return nil, false
		}
	})
}

// unpack puts the rosters that pack replaced back in their places.
func unpack(value *tfprotov6.DynamicValue) *tfprotov6.DynamicValue {
	return rewriteRosters(value, func(raw []byte) (any, bool) {
		var packed string
		var ok bool
		switch raw[0] {
		case msgpcode.FixedArrayLow | 1:
			var ids []string
			if msgpack.Unmarshal(raw, &ids) == nil {
				packed, ok = strings.CutPrefix(ids[0], packedMark)
			}
		case msgpcode.FixedMapLow | 1:
			var labels map[string]string
			if msgpack.Unmarshal(raw, &labels) == nil {
				packed, ok = labels[packedMark]
			}
		}
		return msgpack.RawMessage(packed), ok
	})
}

// rewriteRosters returns the object with its rosters replaced where the function
// says so, and everything else byte for byte as it was.
func rewriteRosters(value *tfprotov6.DynamicValue, replace func(raw []byte) (any, bool)) *tfprotov6.DynamicValue {
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
		if name == agentIDsAttribute || name == agentsAttribute {
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

// onlyStrings reports whether every element of an encoded array, or every value
// of an encoded map, is a string: neither null nor unknown.
func onlyStrings(raw []byte) bool {
	decoder := msgpack.NewDecoder(bytes.NewReader(raw))
	keyed := isMap(raw[0])
	length, err := 0, error(nil)
	if keyed {
		length, err = decoder.DecodeMapLen()
	} else {
		length, err = decoder.DecodeArrayLen()
	}
	for i := 0; i < length && err == nil; i++ {
		if keyed {
			err = decoder.Skip()
		}
		code, peekErr := decoder.PeekCode()
		if err != nil || peekErr != nil || !msgpcode.IsString(code) {
			return false
		}
		err = decoder.Skip()
	}
	return err == nil
}

func isArray(code byte) bool {
	return msgpcode.IsFixedArray(code) || code == msgpcode.Array16 || code == msgpcode.Array32
}

func isMap(code byte) bool {
	return msgpcode.IsFixedMap(code) || code == msgpcode.Map16 || code == msgpcode.Map32
}

// packedRoster returns the encoded elements of a set or map that is packed.
func packedRoster(raw tftypes.Value) (packed string, ok bool) {
	if raw.IsNull() || !raw.IsKnown() {
		return "", false
	}
	if raw.Type().Is(tftypes.Set{}) {
		var values []tftypes.Value
		if raw.As(&values) != nil || len(values) != 1 {
			return "", false
		}
		return strings.CutPrefix(elementOf(values[0]).text, packedMark)
	}
	var labels map[string]tftypes.Value
	if raw.As(&labels) != nil || len(labels) != 1 {
		return "", false
	}
	label, found := labels[packedMark]
	return elementOf(label).text, found && elementOf(label).state == attr.ValueStateKnown
}

// samePacked reports whether both values are packed and equal byte for byte.
// Others may be equal all the same.
func samePacked(a, b tftypes.Value) bool {
	first, ok := packedRoster(a)
	if !ok {
		return false
	}
	second, ok := packedRoster(b)
	return ok && first == second
}

// unpackSet returns the elements of a packed set. Those that pack made can be
// decoded to their end.
func unpackSet(packed string) []element {
	decoder := msgpack.NewDecoder(strings.NewReader(packed))
	length, err := decoder.DecodeArrayLen()
	elements := make([]element, 0, min(max(length, 0), len(packed)))
	for i := 0; i < length && err == nil; i++ {
		var id string
		if id, err = decoder.DecodeString(); err == nil {
			elements = append(elements, element{attr.ValueStateKnown, id})
		}
	}
	return elements
}

// unpackMap returns the elements of a packed map, as unpackSet does.
func unpackMap(packed string) []labelled {
	decoder := msgpack.NewDecoder(strings.NewReader(packed))
	length, err := decoder.DecodeMapLen()
	elements := make([]labelled, 0, min(max(length, 0), len(packed)))
	for i := 0; i < length && err == nil; i++ {
		var id, label string
		if id, err = decoder.DecodeString(); err != nil {
			break
		}
		if label, err = decoder.DecodeString(); err == nil {
			elements = append(elements, labelled{id, element{attr.ValueStateKnown, label}})
		}
	}
	return elements
}
