package provider

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmihailenco/msgpack/v5"
)

// Whatever is imported: each piece between commas is in state once and no other
// agent is, or all are refused because of one that can be no agent ID.
func FuzzParseImportID(f *testing.F) {
	for _, id := range []string{"1", "27,14,1", "1,14,1", "", ",", "1, 2", "1\x002", "\xff", "١,b/c", "\u00a01", "a\u0085b"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		pieces := strings.Split(id, ",")
		bad := slices.ContainsFunc(pieces, func(piece string) bool {
			runes := []rune(piece)
			return len(runes) == 0 || unicode.IsSpace(runes[0]) || unicode.IsSpace(runes[len(runes)-1]) ||
				slices.ContainsFunc(runes, unicode.IsControl)
		})
		ids, err := parseImportID(id)
		if bad != (err != nil) {
			t.Fatalf("%q: %q, %v", id, ids, err)
		}
		if err != nil {
			return
		}
		slices.Sort(pieces)
		if got := slices.Sorted(slices.Values(ids)); !slices.Equal(got, slices.Compact(pieces)) {
			t.Errorf("%q: state has %q", id, got)
		}
	})
}

// Whatever bytes stand for an object: what pack makes of them, unpack puts back.
// Lengths may come back in fewer bytes than they came in, hence the second turn.
func FuzzPack(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(encodeRosters(f, plainSet("1", "14").raw, plainMap(labels{"1": "Ravi", "14": ""}).raw).MsgPack)
	f.Add(encodeRosters(f, plainSet(packedMark+"\x91\xa11").raw, plainMap(labels{packedMark: "\x81\xa11\xa0"}).raw).MsgPack)
	f.Add(encodeRosters(f, plainSet("1", tftypes.UnknownValue).raw, plainMap(labels{"1": nil}).raw).MsgPack)
	f.Fuzz(func(t *testing.T, object []byte) {
		sent := bytes.Clone(object)
		once := unpack(pack(&tfprotov6.DynamicValue{MsgPack: object})).MsgPack
		if !bytes.Equal(object, sent) {
			t.Fatalf("%q was changed", sent)
		}
		if twice := unpack(pack(&tfprotov6.DynamicValue{MsgPack: once})).MsgPack; !bytes.Equal(twice, once) {
			t.Errorf("%q came back as %q", once, twice)
		}
		var before, after map[string]msgpack.RawMessage
		if msgpack.Unmarshal(object, &before) == nil && (msgpack.Unmarshal(once, &after) != nil || !reflect.DeepEqual(before, after)) {
			t.Errorf("%q came back as %q", object, once)
		}
	})
}
