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
	"github.com/vmihailenco/msgpack/v5"
)

var names = attributes{"ids", "labels"}

// A set is ids, a map is labels: of texts, nil for null, and unknown.
type (
	ids    []any
	labels map[string]any
)

// unknown is an unknown value in Terraform's encoding.
var unknown = msgpack.RawMessage{0xd4, 0, 0}

func marshal(t testing.TB, value any) msgpack.RawMessage {
	t.Helper()
	encoded, err := msgpack.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// encode returns an object with both rosters and an attribute that is none, as a
// CLI encodes it.
func encode(t testing.TB, set, byID any) *tfprotov6.DynamicValue {
	t.Helper()
	return &tfprotov6.DynamicValue{MsgPack: marshal(t, struct {
		IDs    any    `msgpack:"ids"`
		Labels any    `msgpack:"labels"`
		Other  labels `msgpack:"other"`
	}{set, byID, labels{"day": "Monday"}})}
}

// The framework receives one element, from which Unpack reads all of them, and
// the CLI gets back what it sent.
func TestPackAndUnpack(t *testing.T) {
	many, manyLabels := ids{}, labels{}
	var manyIDs, manyLabeled []Element
	for i := range 1 << 16 {
		id := strconv.Itoa(100_000 + i)
		many, manyLabels[id] = append(many, id), "Agent"
		manyIDs, manyLabeled = append(manyIDs, Element{ID: id}), append(manyLabeled, Element{ID: id, Label: "Agent"})
	}
	long, literal, label := strings.Repeat("1", 70_000), Key+"\x91\xa11", Key+"\x81\xa11\xa0"
	layers := Key + "\x91\xad" + literal
	for name, c := range map[string]struct {
		roster any
		want   []Element // nil: not packed
	}{
		"null":             {nil, nil},
		"unknown":          {unknown, nil},
		"no IDs":           {ids{}, []Element{}},
		"some IDs":         {ids{"14", "1"}, []Element{{ID: "14"}, {ID: "1"}}},
		"many IDs":         {many, manyIDs},
		"a long ID":        {ids{long}, []Element{{ID: long}}},
		"an unknown ID":    {ids{"1", unknown}, []Element{{ID: "1"}, {Unknown: true}}},
		"a null ID":        {ids{nil, "1"}, []Element{{Null: true}, {ID: "1"}}},
		"no labels":        {labels{}, []Element{}},
		"a label":          {labels{"1": "Ravi"}, []Element{{ID: "1", Label: "Ravi"}}},
		"many labels":      {manyLabels, manyLabeled},
		"an empty label":   {labels{"1": ""}, []Element{{ID: "1"}}},
		"an unknown label": {labels{"1": unknown}, []Element{{ID: "1", Unknown: true}}},
		"a null label":     {labels{"1": nil}, []Element{{ID: "1", Null: true}}},
		// An ID that looks packed is an ID like any other.
		"looks packed":                      {ids{literal}, []Element{{ID: literal}}},
		"looks packed, beside another":      {ids{literal, "2"}, []Element{{ID: literal}, {ID: "2"}}},
		"looks packed, beside an unknown":   {ids{literal, unknown}, []Element{{ID: literal}, {Unknown: true}}},
		"looks packed, more than one layer": {ids{layers}, []Element{{ID: layers}}},
		"looks packed, label":               {labels{Key: label}, []Element{{ID: Key, Label: label}}},
		"looks packed, unknown label":       {labels{Key: unknown}, []Element{{ID: Key, Unknown: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			raw := marshal(t, c.roster)
			text := Key + string(raw)
			sent, want := encode(t, raw, raw), encode(t, raw, raw)
			switch c.roster.(type) {
			case ids:
				want = encode(t, ids{text}, ids{text})
			case labels:
				want = encode(t, labels{Key: text}, labels{Key: text})
			}
			packed := names.pack(sent)
			if !bytes.Equal(packed.MsgPack, want.MsgPack) {
				t.Errorf("packed:\n got %.200q\nwant %.200q", packed.MsgPack, want.MsgPack)
			}
			if got := names.unpack(packed); !bytes.Equal(got.MsgPack, sent.MsgPack) {
				t.Errorf("unpacked:\n got %.200q\nwant %.200q", got.MsgPack, sent.MsgPack)
			}
			got, ok := Unpack(text)
			if _, keyed := c.roster.(labels); keyed { // in no order
				slices.SortFunc(got, func(a, b Element) int { return strings.Compare(a.ID, b.ID) })
			}
			if ok != (c.want != nil) || !slices.Equal(got, c.want) {
				t.Errorf("elements %.200s, %t, want %.200s", fmt.Sprint(got), ok, fmt.Sprint(c.want))
			}
		})
	}
}

// What the provider packs is what the CLI reads.
func TestUnpackWhatTheProviderPacks(t *testing.T) {
	for _, some := range [][]string{nil, {"1", "14", ""}} {
		set, byID, given := ids{}, labels{}, map[string]string{}
		for _, id := range some {
			set, byID[id], given[id] = append(set, id), "Agent", "Agent"
		}
		got := names.unpack(encode(t, ids{Pack(some, nil)}, labels{Key: Pack(some, given)}))
		var object, want map[string]any
		if err := msgpack.Unmarshal(got.MsgPack, &object); err != nil {
			t.Fatal(err)
		}
		if _ = msgpack.Unmarshal(encode(t, set, byID).MsgPack, &want); !reflect.DeepEqual(object, want) {
			t.Errorf("unpacked %v, want %v", object, want)
		}
	}
}

// What does not read as an object is the framework's to complain about, and what
// only begins as a packed roster does is none.
func TestPackLeavesTheRest(t *testing.T) {
	whole := encode(t, ids{"1", "14"}, labels{"1": "Ravi"}).MsgPack
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
		value := encode(t, ids{text}, labels{Key: text})
		if got := names.unpack(value); !bytes.Equal(got.MsgPack, value.MsgPack) {
			t.Errorf("%q was unpacked to %q", text, got.MsgPack)
		}
		if got, ok := Unpack(text); ok {
			t.Errorf("Unpack(%q) = %v", text, got)
		}
	}
}

// Whatever bytes stand for an object: what pack makes of them, unpack puts back.
// Attributes come back sorted, and lengths perhaps in fewer bytes than they came
// in, hence the second turn.
func FuzzPack(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(encode(f, ids{"1", "14"}, labels{"1": "Ravi", "14": ""}).MsgPack)
	f.Add(encode(f, ids{Key + "\x91\xa11"}, labels{Key: Key + "\x81\xa11\xa0"}).MsgPack)
	f.Add(encode(f, ids{"1", unknown}, labels{"1": nil}).MsgPack)
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
		decode := func(b []byte, to any) error { return msgpack.NewDecoder(bytes.NewReader(b)).Decode(to) }
		if decode(given, &before) == nil && (decode(once, &after) != nil || !reflect.DeepEqual(before, after)) {
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
