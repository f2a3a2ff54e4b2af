package provider_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// A plan sends nothing, whatever it is for. What it plans is the configuration,
// unknown where that is. It warns in one short line of what a user may not expect.
func TestPlans(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	unsure := object{"unset_on_removal": unknown{}}
	many, tooMany := numbered(1, 2000), numbered(1, 2001)
	const keeps = "WARNING CAD stays enabled"
	g := readGolden(t, "plans")
	for _, c := range []struct {
		name          string
		prior, config object
		want, at      string // the one diagnostic
	}{
		{"create", nil, set.with([]string{"1"}), "", ""},
		{"no change", set.with([]string{"1"}), set.with([]string{"1"}), "", ""},
		{"one is new", set.with([]string{"1"}), set.with([]string{"1", "2"}), "", ""},
		{"one leaves", set.with([]string{"1", "2"}), set.with([]string{"2"}), keeps, "agent_ids"},
		{"three leave and one is new", set.with(numbered(1, 4)), set.with([]string{"4", "5"}), keeps, "agent_ids"},
		{"twenty-two leave", set.with(numbered(1, 23)), set.with([]string{"23"}), keeps, "agent_ids"},
		{"one with a label leaves", labelled.with([]string{"1", "2"}), labelled.with([]string{"2"}), keeps, "agents"},
		{"one leaves while the others get labels", set.with([]string{"1", "2"}), labelled.with([]string{"2"}), keeps, "agents"},
		{"labels for all", set.with([]string{"1", "2"}), labelled.with([]string{"1", "2"}), "", ""},
		{"one leaves and loses CAD", set.with([]string{"1", "2"}, unset), set.with([]string{"2"}, unset), "", ""},
		{"one leaves as unset_on_removal becomes true", set.with([]string{"1", "2"}), set.with([]string{"2"}, unset), "", ""},
		{"one leaves as unset_on_removal becomes false", set.with([]string{"1", "2"}, unset), set.with([]string{"2"}), keeps, "agent_ids"},
		{"one leaves, unset_on_removal left out", set.with([]string{"1", "2"}, unset), object{"agent_ids": []string{"2"}}, keeps, "agent_ids"},
		{"one leaves, unset_on_removal unknown", set.with([]string{"1", "2"}), set.with([]string{"2"}, unsure), "", ""},
		{"the set becomes unknown", set.with([]string{"1"}), object{"agent_ids": unknown{}, "unset_on_removal": false}, "", ""},
		{"an element becomes unknown", set.with([]string{"1"}), object{"agent_ids": []any{"2", unknown{}}, "unset_on_removal": false}, "", ""},
		{"the map becomes unknown", labelled.with([]string{"1"}), object{"agents": unknown{}, "unset_on_removal": false}, "", ""},
		{"one leaves, a label unknown", labelled.with([]string{"1", "2"}), object{"agents": map[string]any{"2": unknown{}}}, keeps, "agents"},
		{"destroy", set.with([]string{"1", "2"}), nil, keeps, "agent_ids"},
		{"destroy one with a label", labelled.with([]string{"1"}), nil, keeps, "agents"},
		{"destroy and unset", set.with([]string{"1"}, unset), nil, "", ""},
		{"2,000 IDs", nil, set.with(many), "", ""},
		{"2,001 IDs", nil, set.with(tooMany), "WARNING Large set", "agent_ids"},
		{"2,001 labels", nil, labelled.with(tooMany), "", ""},
		{"everything", nil, labelled.with([]string{"1"}, everything), "", ""},
		{"triggers unknown", nil, set.with([]string{"1"}, object{"triggers": map[string]any{"n": unknown{}}}), "", ""},
		// Core applies ignore_changes after the configuration has been validated.
		{"neither attribute", set.with([]string{"1"}), unset, "ERROR No agents", ""},
		{"no agents", set.with([]string{"1"}), labelled.with(nil), "ERROR No agents", "agents"},
		{"both attributes", set.with([]string{"1"}), set.with([]string{"1"}, object{"agents": map[string]string{"2": ""}}), "ERROR Conflicting agent lists", "agents"},
		{"2,001 IDs already there", set.with(tooMany), set.with(tooMany), "WARNING Large set", "agent_ids"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.NewRun() // a resource alone in its plan
			to, diags := p.Plan(c.prior, c.config)
			if c.want == "" {
				said(t, diags)
			} else {
				said(t, diags, c.want)
			}
			for _, d := range diags {
				equal(t, "path", d.Path, c.at)
			}
			g.compare(t, c.name, diags.String())
			equal(t, "replacements", to.Replace, []string(nil))
			want := maps.Clone(c.config)
			if want != nil && want["unset_on_removal"] == nil {
				want["unset_on_removal"] = false
			}
			if !diags.HaveError() {
				equal(t, "planned", to.State, want)
			}
		})
	}
	sent(t, api)
}

// A plan needs no client: neither for what is unknown in the provider block nor
// for a refresh.
func TestPlanWithoutProviderValues(t *testing.T) {
	t.Parallel()
	p, state := startProtocol(t), set.with([]string{"1"}, unset)
	_, diags := p.Plan(state, nil)
	said(t, diags) // not even a provider block
	said(t, p.Configure(object{"base_url": unknown{}, "ssid": unknown{}, "batch_size": unknown{}}))
	read, diags := p.Read(state)
	said(t, diags)
	equal(t, "state after a refresh", read, state)

	g := readGolden(t, "unconfigured")
	for name, c := range map[string]struct{ prior, config object }{
		"create":  {nil, state},
		"update":  {state, set.with([]string{"2"}, unset)},
		"destroy": {state, nil},
	} {
		to, diags := p.Plan(c.prior, c.config)
		said(t, diags)
		// The apply of the same plan has to have the values.
		after, diags := p.Apply(c.prior, to, c.config)
		g.compare(t, name, diags.String())
		equal(t, "state after the "+name+" failed", after, c.prior)
	}
}

// One resource would disable what another keeps: whichever is planned second
// says so, also while the provider block has unknown values.
func TestConflict(t *testing.T) {
	t.Parallel()
	leaves := [2]object{set.with([]string{"1", "2"}, unset), set.with([]string{"1"}, unset)}
	again := object{"triggers": object{"release": "2"}}
	for name, c := range map[string]struct {
		other    [2]object
		conflict bool
	}{
		"the other keeps it":           {[2]object{labelled.with([]string{"2", "3"}), labelled.with([]string{"2", "3"})}, true},
		"the other loses another":      {[2]object{set.with([]string{"2", "3"}, unset), set.with([]string{"2"}, unset)}, true},
		"the other may send it again":  {[2]object{set.with([]string{"2"}), set.with([]string{"2"}, object{"triggers": unknown{}})}, false},
		"the other sends it again":     {[2]object{set.with([]string{"2"}), set.with([]string{"2"}, again)}, false},
		"the other gets it":            {[2]object{set.with([]string{"3"}), set.with([]string{"2", "3"})}, false},
		"the other loses it, too":      {[2]object{set.with([]string{"2", "3"}, unset), set.with([]string{"3"}, unset)}, false},
		"the other is destroyed":       {[2]object{set.with([]string{"2"}, unset), nil}, false},
		"the other, untouched, has no": {[2]object{set.with([]string{"3"}), set.with([]string{"3"})}, false},
	} {
		for _, url := range []any{nil, unknown{}} {
			for _, first := range []bool{true, false} {
				p := connect(t, deepcalltest.Start(t), nil)
				if url != nil {
					said(t, p.Configure(object{"base_url": url, "ssid": "s3cret"}))
				}
				pairs := [][2]object{leaves, c.other}
				if !first {
					slices.Reverse(pairs)
				}
				_, one := p.Plan(pairs[0][0], pairs[0][1])
				_, two := p.Plan(pairs[1][0], pairs[1][1])
				if one.HaveError() || two.HaveError() != c.conflict {
					t.Errorf("%s, first %t, base_url %v: %s\n%s", name, first, url, one, two)
				}
			}
		}
	}
}

func TestMaxRemovals(t *testing.T) {
	t.Parallel()
	for _, url := range []any{nil, unknown{}} {
		p := connect(t, deepcalltest.Start(t), object{"max_removals": 2})
		if url != nil {
			said(t, p.Configure(object{"base_url": url, "ssid": "s3cret", "max_removals": 2}))
		}
		_, diags := p.Plan(set.with([]string{"1", "2", "3"}, unset), set.with([]string{"3"}, unset))
		said(t, diags)
		_, diags = p.Plan(set.with([]string{"4"}), nil)
		said(t, diags, "WARNING CAD stays enabled")
		_, diags = p.Plan(set.with([]string{"2", "7"}, unset), set.with([]string{"7"}, unset)) // 2 leaves twice
		said(t, diags)
		_, diags = p.Plan(set.with([]string{"5"}, unset), nil)
		said(t, diags, "ERROR Too many removals")
		if want := "at least 3 agents, but max_removals in the provider block is 2"; !strings.Contains(diags.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, diags)
		}
		_, diags = p.Plan(set.with([]string{"6"}, unset), nil)
		said(t, diags) // once is enough
	}
	// What no plan could see is counted when it is to be sent.
	api := deepcalltest.Start(t)
	p := connect(t, api, object{"max_removals": 1})
	state, diags := p.Apply(set.with([]string{"1", "2"}, unset), planned{}, nil)
	said(t, diags, "ERROR Too many removals")
	equal(t, "state", state, set.with([]string{"1", "2"}, unset))
	sent(t, api)
}

// A resource that is replaced is planned as an update and as a create. If it
// creates first, unset_on_removal in state decides, so the agents that leave count
// even if the new value is false.
func TestReplacementThatLetsAgentsGo(t *testing.T) {
	t.Parallel()
	prior, config := set.with([]string{"1", "2"}, unset), labelled.with([]string{"2"}, object{"unset_on_removal": false})
	keeps := set.with([]string{"1", "7"})
	for name, c := range map[string]struct {
		limit   int
		prior   object
		planned []object // that another resource keeps
		want    []string
	}{
		"nobody else lists it":  {1, prior, nil, nil},
		"another lists it":      {1, prior, []object{keeps}, []string{"ERROR Agent removed here but listed elsewhere"}},
		"the limit":             {0, prior, nil, []string{"ERROR Too many removals"}},
		"it was false before":   {0, set.with([]string{"1", "2"}), []object{keeps}, nil},
		"nobody leaves":         {0, set.with([]string{"2"}, unset), []object{keeps}, nil},
		"another object is new": {0, set.with([]string{"1", "3"}, unset), []object{keeps}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := connect(t, deepcalltest.Start(t), object{"max_removals": c.limit})
			for _, o := range c.planned {
				_, diags := p.Plan(o, o)
				said(t, diags)
			}
			updated := config
			if name == "another object is new" {
				updated = set.with([]string{"3"})
			}
			_, diags := p.Plan(c.prior, updated)
			equal(t, "errors of the update", diags.HaveError(), false)
			_, diags = p.Plan(nil, config)
			said(t, diags, c.want...)
		})
	}
}

// A deposed object is planned afresh in the run that has enabled its agents.
func TestDeposedAgentsOfThisRunDoNotCount(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, object{"max_removals": 0})
	config := set.with([]string{"1", "2"}, unset)
	to, _ := p.Plan(nil, config)
	_, diags := p.Apply(nil, to, config)
	said(t, diags)
	deposed, diags := p.Plan(config, nil)
	said(t, diags)
	_, diags = p.Apply(config, deposed, nil)
	said(t, diags, "WARNING CAD left enabled")
	sent(t, api, "setCad 1 2")
}
