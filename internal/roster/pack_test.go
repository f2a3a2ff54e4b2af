package roster

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmihailenco/msgpack/v5"
)

var (
	setOfStrings = tftypes.Set{ElementType: tftypes.String}
	mapOfStrings = tftypes.Map{ElementType: tftypes.String}
	object       = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"ids": setOfStrings, "labels": mapOfStrings, "other": mapOfStrings}}

	names = attributes{"ids", "labels"}
)

// labels are labels by ID: texts, nil for null, or tftypes.UnknownValue.
type labels map[string]any

func setValue(ids ...any) tftypes.Value {
	elements := make([]tftypes.Value, len(ids))
	for i, id := range ids {
		elements[i] = tftypes.NewValue(tftypes.String, id)
	}
	return tftypes.NewValue(setOfStrings, elements)
}

func mapValue(of labels) tftypes.Value {
	elements := map[string]tftypes.Value{}
	for id, label := range of {
		elements[id] = tftypes.NewValue(tftypes.String, label)
	}
	return tftypes.NewValue(mapOfStrings, elements)
}

// encode returns an object with both rosters and an attribute that is none, as a
// CLI encodes it.
func encode(t testing.TB, ids, labelsByID tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, map[string]tftypes.Value{
		"ids": ids, "labels": labelsByID, "other": mapValue(labels{"day": "Monday"}),
	}))
	if err != nil {
		t.Fatal(err)
	}
	return &encoded
}

// The framework receives one element, from which Unpack reads all of them, and
// the CLI gets back what it sent.
func TestPackAndUnpack(t *testing.T) {
	null, unknown := any(nil), any(tftypes.UnknownValue)
	known := func(ids ...string) (elements []Element) {
		for _, id := range ids {
			elements = append(elements, Element{ID: id})
		}
		return elements
	}
	var many []any
	var manyIDs, manyLabeled []Element
	manyLabels := labels{}
	for i := range 1 << 16 {
		id := strconv.Itoa(100_000 + i)
		many, manyLabels[id] = append(many, id), "Agent"
		manyIDs, manyLabeled = append(manyIDs, Element{ID: id}), append(manyLabeled, Element{ID: id, Label: "Agent"})
	}
	literal, label := Key+"\x91\xa11", Key+"\x81\xa11\xa0"
	for name, c := range map[string]struct {
		ids, labels         tftypes.Value
		wantIDs, wantLabels []Element // nil: not packed
	}{
		"null":         {tftypes.NewValue(setOfStrings, null), tftypes.NewValue(mapOfStrings, null), nil, nil},
		"unknown":      {tftypes.NewValue(setOfStrings, unknown), tftypes.NewValue(mapOfStrings, unknown), nil, nil},
		"none":         {setValue(), mapValue(nil), []Element{}, []Element{}},
		"set":          {setValue("1", "14"), tftypes.NewValue(mapOfStrings, null), known("1", "14"), nil},
		"map":          {tftypes.NewValue(setOfStrings, null), mapValue(labels{"1": "Ravi"}), nil, []Element{{ID: "1", Label: "Ravi"}}},
		"long strings": {setValue(string(bytes.Repeat([]byte("1"), 70_000))), mapValue(labels{"1": ""}), known(string(bytes.Repeat([]byte("1"), 70_000))), []Element{{ID: "1"}}},
		"unknown element": {
			setValue("1", unknown), mapValue(labels{"1": unknown}), []Element{{ID: "1"}, {Unknown: true}}, []Element{{ID: "1", Unknown: true}},
		},
		"null element": {setValue(null, "1"), mapValue(labels{"1": null}), []Element{{Null: true}, {ID: "1"}}, []Element{{ID: "1", Null: true}}},
		// An ID that looks packed is an ID like any other.
		"looks packed":                      {setValue(literal), mapValue(labels{Key: label}), known(literal), []Element{{ID: Key, Label: label}}},
		"looks packed, beside another":      {setValue(literal, "2"), mapValue(nil), known(literal, "2"), []Element{}},
		"looks packed, beside an unknown":   {setValue(literal, unknown), mapValue(labels{Key: unknown}), []Element{{ID: literal}, {Unknown: true}}, []Element{{ID: Key, Unknown: true}}},
		"looks packed, more than one layer": {setValue(Key + "\x91\xad" + literal), mapValue(nil), known(Key + "\x91\xad" + literal), []Element{}},
		"large":                             {setValue(many...), mapValue(manyLabels), manyIDs, manyLabeled},
	} {
		t.Run(name, func(t *testing.T) {
			value := encode(t, c.ids, c.labels)
			sent := bytes.Clone(value.MsgPack)
			packed := names.pack(value)
			if got := names.unpack(packed); !bytes.Equal(got.MsgPack, sent) {
				t.Errorf("unpacked:\n got %.200q\nwant %.200q", got.MsgPack, sent)
			}
			if !bytes.Equal(value.MsgPack, sent) {
				t.Error("pack changed its argument")
			}
			ids, byID := packedTexts(t, packed)
			if got, ok := Unpack(ids); ok != (c.wantIDs != nil) || !slices.Equal(got, c.wantIDs) {
				t.Errorf("ids: %.200s, %t, want %.200s", fmt.Sprint(got), ok, fmt.Sprint(c.wantIDs))
			}
			// The elements of a map have no order.
			byKey := func(a, b Element) int { return strings.Compare(a.ID, b.ID) }
			if got, ok := Unpack(byID); ok != (c.wantLabels != nil) || !slices.Equal(slices.SortedFunc(slices.Values(got), byKey), c.wantLabels) {
				t.Errorf("labels: %.200s, %t, want %.200s", fmt.Sprint(got), ok, fmt.Sprint(c.wantLabels))
			}
		})
	}
}

// packedTexts returns the only element of each roster, "" where it is not packed.
func packedTexts(t testing.TB, value *tfprotov6.DynamicValue) (ids, byID string) {
	t.Helper()
	decoded, err := value.Unmarshal(object)
	if err != nil {
		t.Fatal(err)
	}
	var of map[string]tftypes.Value
	var set []tftypes.Value
	var m map[string]tftypes.Value
	_ = decoded.As(&of)
	if of["ids"].IsKnown() && of["ids"].As(&set) == nil && len(set) == 1 {
		_ = set[0].As(&ids)
	}
	if of["labels"].IsKnown() && of["labels"].As(&m) == nil && len(m) == 1 {
		_ = m[Key].As(&byID)
	}
	return ids, byID
}

// What the provider packs is what the CLI reads.
func TestUnpackWhatTheProviderPacks(t *testing.T) {
	for name, ids := range map[string][]string{"none": nil, "some": {"1", "14", ""}} {
		t.Run(name, func(t *testing.T) {
			var plain []any
			of, byID := labels{}, map[string]string{}
			for _, id := range ids {
				plain, of[id], byID[id] = append(plain, id), "Agent", "Agent"
			}
			got := names.unpack(encode(t, setValue(Pack(ids, nil)), mapValue(labels{Key: Pack(ids, byID)})))
			decoded, err := got.Unmarshal(object)
			want, _ := encode(t, setValue(plain...), mapValue(of)).Unmarshal(object)
			if err != nil || !decoded.Equal(want) {
				t.Errorf("unpacked %v, %v, want %v", decoded, err, want)
			}
		})
	}
}

// What does not read as an object is the framework's to complain about, and what
// only begins as a packed roster does is none.
func TestPackLeavesTheRest(t *testing.T) {
	whole := encode(t, setValue("1", "14"), mapValue(labels{"1": "Ravi"})).MsgPack
	values := []*tfprotov6.DynamicValue{
		nil, {}, {JSON: []byte(`{"ids":["1"]}`)}, {MsgPack: []byte{0xc0}}, {MsgPack: []byte{0x91, 0xa1, '1'}}, {MsgPack: []byte{0x81, 0x01, 0xc0}},
	}
	for cut := 1; cut < len(whole); cut++ {
		values = append(values, &tfprotov6.DynamicValue{MsgPack: whole[:cut]})
	}
	for _, value := range values {
		if got := names.pack(value); got != value {
			t.Errorf("pack(%+v) = %+v", value, got)
		}
		if got := names.unpack(value); got != value {
			t.Errorf("unpack(%+v) = %+v", value, got)
		}
	}
	for _, text := range []string{"", Key, Key + "1", Key + "\xc0", Key + "\x92\xa11", Key + "\x91\xa11\xa1", Key + "\xdd\xff\xff\xff\xff\xa11", "\x91\xa11"} {
		value := encode(t, setValue(text), mapValue(labels{Key: text}))
		if got := names.unpack(value); !bytes.Equal(got.MsgPack, value.MsgPack) {
			t.Errorf("%q was unpacked to %q", text, got.MsgPack)
		}
		if got, ok := Unpack(text); ok {
			t.Errorf("Unpack(%q) = %v", text, got)
		}
	}
}

// Whatever bytes stand for an object: what pack makes of them, unpack puts back.
// Lengths may come back in fewer bytes than they came in, hence the second turn.
func FuzzPack(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(encode(f, setValue("1", "14"), mapValue(labels{"1": "Ravi", "14": ""})).MsgPack)
	f.Add(encode(f, setValue(Key+"\x91\xa11"), mapValue(labels{Key: Key + "\x81\xa11\xa0"})).MsgPack)
	f.Add(encode(f, setValue("1", tftypes.UnknownValue), mapValue(labels{"1": nil})).MsgPack)
	f.Fuzz(func(t *testing.T, given []byte) {
		sent := bytes.Clone(given)
		once := names.unpack(names.pack(&tfprotov6.DynamicValue{MsgPack: given})).MsgPack
		if !bytes.Equal(given, sent) {
			t.Fatalf("%q was changed", sent)
		}
		if twice := names.unpack(names.pack(&tfprotov6.DynamicValue{MsgPack: once})).MsgPack; !bytes.Equal(twice, once) {
			t.Errorf("%q came back as %q", once, twice)
		}
		var before, after map[string]msgpack.RawMessage
		if msgpack.Unmarshal(given, &before) == nil && (msgpack.Unmarshal(once, &after) != nil || !reflect.DeepEqual(before, after)) {
			t.Errorf("%q came back as %q", given, once)
		}
	})
}

func TestCompare(t *testing.T) {
	want := []string{"1", "2", "9", "10", "0x1", "1a", "a", "b", "١"}
	got := []string{"b", "10", "١", "1a", "2", "a", "9", "0x1", "1"}
	if slices.SortFunc(got, Compare); !slices.Equal(got, want) {
		t.Errorf("sorted: %q, want %q", got, want)
	}
}
