package provider_test

import (
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// A plan sends nothing, whatever it is for, and warns in one short line of what
// a user may not expect.
func TestPlanWarnings(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	unset := object{"unset_on_removal": true}
	unsure := object{"unset_on_removal": unknown{}}
	many, tooMany := numbered(1, 2000), numbered(1, 2001)
	g := readGolden(t, "testdata/diagnostics/plans.txt")
	for _, c := range []struct {
		name          string
		prior, config object
		want          string // the warning's summary; "" for none
		at            string
	}{
		{"create", nil, set.with([]string{"1"}), "", ""},
		{"no change", set.with([]string{"1"}), set.with([]string{"1"}), "", ""},
		{"one is new", set.with([]string{"1"}), set.with([]string{"1", "2"}), "", ""},
		{"one leaves", set.with([]string{"1", "2"}), set.with([]string{"2"}), "CAD stays enabled", "agent_ids"},
		{"three leave and one is new", set.with(numbered(1, 4)), set.with([]string{"4", "5"}), "CAD stays enabled", "agent_ids"},
		{"twenty-two leave", set.with(numbered(1, 23)), set.with([]string{"23"}), "CAD stays enabled", "agent_ids"},
		{"one with a label leaves", labelled.with([]string{"1", "2"}), labelled.with([]string{"2"}), "CAD stays enabled", "agents"},
		{"one leaves while the others get labels", set.with([]string{"1", "2"}), labelled.with([]string{"2"}), "CAD stays enabled", "agents"},
		{"labels for all", set.with([]string{"1", "2"}), labelled.with([]string{"1", "2"}), "", ""},
		{"one leaves and loses CAD", set.with([]string{"1", "2"}, unset), set.with([]string{"2"}, unset), "", ""},
		{"one leaves as unset_on_removal becomes true", set.with([]string{"1", "2"}), set.with([]string{"2"}, unset), "", ""},
		{"one leaves as unset_on_removal becomes false", set.with([]string{"1", "2"}, unset), set.with([]string{"2"}), "CAD stays enabled", "agent_ids"},
		{"one leaves, unset_on_removal left out", set.with([]string{"1", "2"}, unset), object{"agent_ids": []string{"2"}}, "CAD stays enabled", "agent_ids"},
		{"one leaves, unset_on_removal unknown", set.with([]string{"1", "2"}), set.with([]string{"2"}, unsure), "", ""},
		{"the set becomes unknown", set.with([]string{"1"}), object{"agent_ids": unknown{}, "unset_on_removal": false}, "", ""},
		{"an element becomes unknown", set.with([]string{"1"}), object{"agent_ids": []any{"2", unknown{}}, "unset_on_removal": false}, "", ""},
		{"the map becomes unknown", labelled.with([]string{"1"}), object{"agents": unknown{}, "unset_on_removal": false}, "", ""},
		{"one leaves, a label unknown", labelled.with([]string{"1", "2"}), object{"agents": map[string]any{"2": unknown{}}}, "CAD stays enabled", "agents"},
		{"destroy", set.with([]string{"1", "2"}), nil, "CAD stays enabled", "agent_ids"},
		{"destroy one with a label", labelled.with([]string{"1"}), nil, "CAD stays enabled", "agents"},
		{"destroy and unset", set.with([]string{"1"}, unset), nil, "", ""},
		{"2,000 IDs", nil, set.with(many), "", ""},
		{"2,001 IDs", nil, set.with(tooMany), "Large set", "agent_ids"},
		{"2,001 labels", nil, labelled.with(tooMany), "", ""},
		{"2,001 IDs already there", set.with(tooMany), set.with(tooMany), "Large set", "agent_ids"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.NewRun() // a resource alone in its plan
			to, diags := p.Plan(c.prior, c.config)
			var want []string
			if c.want != "" {
				want = []string{"WARNING " + c.want}
			}
			said(t, diags, want...)
			for _, d := range diags {
				equal(t, "path", d.Path, c.at)
			}
			g.compare(t, c.name, diags.String())
			equal(t, "replacements", to.Replace, []string(nil))
			if c.config != nil && c.config["unset_on_removal"] == nil {
				equal(t, "unset_on_removal left out", to.State["unset_on_removal"], false)
			}
		})
	}
	g.finish(t)
	sent(t, api)
}

// A plan needs no client: neither for what is unknown in the provider block nor
// for a refresh.
func TestPlanWithoutProviderValues(t *testing.T) {
	t.Parallel()
	p := startProtocol(t)
	said(t, p.Configure(object{"base_url": unknown{}, "ssid": unknown{}, "batch_size": unknown{}}))
	state := set.with([]string{"1"}, object{"unset_on_removal": true})
	read, diags := p.Read(state)
	said(t, diags)
	equal(t, "state after a refresh", read, state)

	g := readGolden(t, "testdata/diagnostics/unconfigured.txt")
	for name, c := range map[string]struct{ prior, config object }{
		"create":  {nil, state},
		"update":  {state, set.with([]string{"2"}, object{"unset_on_removal": true})},
		"destroy": {state, nil},
	} {
		to, diags := p.Plan(c.prior, c.config)
		said(t, diags)
		// The apply of the same plan has to have the values.
		after, diags := p.Apply(c.prior, to, c.config)
		g.compare(t, name, diags.String())
		equal(t, "state after the "+name+" failed", after, c.prior)
	}
	g.finish(t)
}

// What is planned is the configuration, unknown where it is.
func TestPlannedValues(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	for name, c := range map[string]struct{ config, planned object }{
		"default":    {object{"agent_ids": []string{"1"}}, set.with([]string{"1"})},
		"everything": {labelled.with([]string{"1"}, everything), labelled.with([]string{"1"}, everything)},
		"an unknown set": {
			object{"agent_ids": unknown{}}, object{"agent_ids": unknown{}, "unset_on_removal": false},
		},
		"an unknown element": {
			object{"agent_ids": []any{"1", unknown{}}}, object{"agent_ids": []any{"1", unknown{}}, "unset_on_removal": false},
		},
		"an unknown label": {
			object{"agents": map[string]any{"1": unknown{}, "2": "Bob"}},
			object{"agents": map[string]any{"1": unknown{}, "2": "Bob"}, "unset_on_removal": false},
		},
		"unknown triggers": {
			set.with([]string{"1"}, object{"triggers": map[string]any{"n": unknown{}}}),
			set.with([]string{"1"}, object{"triggers": map[string]any{"n": unknown{}}}),
		},
	} {
		t.Run(name, func(t *testing.T) {
			said(t, p.Validate(c.config))
			to, diags := p.Plan(nil, c.config)
			said(t, diags)
			equal(t, "planned", to.State, c.planned)
		})
	}
	sent(t, api)
}

var everything = object{
	"unset_on_removal": true,
	"triggers":         map[string]string{"release": "7"},
	"timeouts":         object{"create": "30m", "update": "1h", "delete": "90s"},
}
