package provider

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// encodeRosters encodes an object with both rosters and an attribute that is
// none, as a CLI does.
func encodeRosters(t testing.TB, agentIDs, agents tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	of := tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		agentIDsAttribute: setOfStrings, agentsAttribute: mapOfStrings, "triggers": mapOfStrings,
	}}
	encoded, err := tfprotov6.NewDynamicValue(of, tftypes.NewValue(of, map[string]tftypes.Value{
		agentIDsAttribute: agentIDs, agentsAttribute: agents, "triggers": plainMap(labels{"day": "Monday"}).raw,
	}))
	if err != nil {
		t.Fatal(err)
	}
	return &encoded
}

func TestPackAndUnpack(t *testing.T) {
	null, unknown := any(nil), any(tftypes.UnknownValue)
	for name, c := range map[string]struct {
		agentIDs, agents tftypes.Value
		packs            bool // whether pack changes anything
	}{
		"null":            {tftypes.NewValue(setOfStrings, null), tftypes.NewValue(mapOfStrings, null), false},
		"unknown":         {tftypes.NewValue(setOfStrings, unknown), tftypes.NewValue(mapOfStrings, unknown), false},
		"none":            {plainSet().raw, plainMap(nil).raw, true},
		"set":             {plainSet("1", "14").raw, tftypes.NewValue(mapOfStrings, null), true},
		"map":             {tftypes.NewValue(setOfStrings, null), plainMap(labels{"1": "Ravi"}).raw, true},
		"large set":       {plainSet(agentIDs(1 << 16)...).raw, tftypes.NewValue(mapOfStrings, null), true},
		"large map":       {tftypes.NewValue(setOfStrings, null), plainMap(labelsOf(1 << 16)).raw, true},
		"long strings":    {plainSet(string(bytes.Repeat([]byte("1"), 70_000))).raw, plainMap(labels{"1": ""}).raw, true},
		"unknown element": {plainSet("1", unknown).raw, plainMap(labels{"1": unknown}).raw, false},
		"null element":    {plainSet(null, "1").raw, plainMap(labels{"1": null}).raw, false},
	} {
		t.Run(name, func(t *testing.T) {
			value := encodeRosters(t, c.agentIDs, c.agents)
			sent := bytes.Clone(value.MsgPack)
			packed := pack(value)
			if got := !bytes.Equal(packed.MsgPack, sent); got != c.packs {
				t.Errorf("packed: %t, want %t", got, c.packs)
			}
			if got := unpack(packed); !bytes.Equal(got.MsgPack, sent) {
				t.Errorf("unpacked:\n got %.200q\nwant %.200q", got.MsgPack, sent)
			}
			if !bytes.Equal(value.MsgPack, sent) {
				t.Error("pack changed its argument")
			}

			model := packValue(t, c.agentIDs, c.agents)
			if !model.AgentIDs.Equal(agentSetValue{raw: c.agentIDs}) {
				t.Errorf("the framework reads other agent IDs: %.200v", model.AgentIDs.raw)
			}
			if !model.Agents.Equal(agentMapValue{raw: c.agents}) {
				t.Errorf("the framework reads other agents: %.200v", model.Agents.raw)
			}
		})
	}
}

// An agent ID that is the mark is an agent ID like any other, for validation to
// refuse.
func TestPackWhatLooksPacked(t *testing.T) {
	id, label := packedMark+"\x91\xa11", "\x81\xa11\xa0"
	model := packValue(t, plainSet(id).raw, plainMap(labels{packedMark: label}).raw)
	if ids, _ := model.AgentIDs.IDs(); !slices.Equal(ids, []string{id}) {
		t.Errorf("agent_ids: %q", ids)
	}
	if labels, _ := model.Agents.Labels(); !maps.Equal(labels, map[string]string{packedMark: label}) {
		t.Errorf("agents: %q", labels)
	}
	model = packValue(t, plainSet(id, tftypes.UnknownValue).raw, plainMap(labels{packedMark: tftypes.UnknownValue}).raw)
	if ids, complete := model.AgentIDs.IDs(); !slices.Equal(ids, []string{id}) || complete {
		t.Errorf("agent_ids beside an unknown one: %q, %t", ids, complete)
	}
	if ids, _ := model.Agents.IDs(); !slices.Equal(ids, []string{packedMark}) {
		t.Errorf("agents with an unknown label: %q", ids)
	}
	model = packValue(t, plainSet("1").raw, plainMap(labels{packedMark: label, "2": nil}).raw)
	if ids, _ := model.Agents.IDs(); !slices.Equal(ids, []string{packedMark, "2"}) {
		t.Errorf("agents with a null label: %q", ids)
	}
	value := encodeRosters(t, plainSet(id).raw, plainMap(labels{packedMark: label}).raw)
	if got := unpack(pack(value)); !bytes.Equal(got.MsgPack, value.MsgPack) {
		t.Errorf("unpacked: %q, want %q", got.MsgPack, value.MsgPack)
	}
}

// What does not read as an object is the framework's to complain about.
func TestPackLeavesTheRest(t *testing.T) {
	whole := encodeRosters(t, plainSet("1", "14").raw, plainMap(labels{"1": "Ravi"}).raw).MsgPack
	values := []*tfprotov6.DynamicValue{
		nil, {}, {JSON: []byte(`{"agent_ids":["1"]}`)}, {MsgPack: []byte{0xc0}}, {MsgPack: []byte{0x91, 0xa1, '1'}}, {MsgPack: []byte{0x81, 0x01, 0xc0}},
	}
	for cut := 1; cut < len(whole); cut++ {
		values = append(values, &tfprotov6.DynamicValue{MsgPack: whole[:cut]})
	}
	for _, value := range values {
		if got := pack(value); got != value {
			t.Errorf("pack(%+v) = %+v", value, got)
		}
		if got := unpack(value); got != value {
			t.Errorf("unpack(%+v) = %+v", value, got)
		}
	}
}

// A packed text that pack did not make yields what can be read of it.
func TestUnpackCutShort(t *testing.T) {
	for packed, want := range map[string]int{"": 0, "\xc0": 0, "\x92\xa11": 1, "\xdd\xff\xff\xff\xff\xa11": 1} {
		if got := unpackSet(packed); len(got) != want {
			t.Errorf("unpackSet(%q) = %v, want %d elements", packed, got, want)
		}
	}
	for packed, want := range map[string]int{"": 0, "\xc0": 0, "\x82\xa11\xa11\xa12": 1, "\xdf\xff\xff\xff\xff\xa11\xa11": 1} {
		if got := unpackMap(packed); len(got) != want {
			t.Errorf("unpackMap(%q) = %v, want %d elements", packed, got, want)
		}
	}
}

func BenchmarkPack(b *testing.B) {
	for _, n := range []int{500, 10_000} {
		value := encodeRosters(b, plainSet().raw, plainMap(labelsOf(n)).raw)
		packed := pack(value)
		b.Run(fmt.Sprintf("pack/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				pack(value)
			}
		})
		b.Run(fmt.Sprintf("unpack/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				unpack(packed)
			}
		})
	}
}
