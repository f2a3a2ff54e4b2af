package provider_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// operation is one create, update or destroy: what it sends, what is in state
// afterwards, and what it says, word for word, in the golden file.
type operation struct {
	name     string
	server   []deepcalltest.Option
	settings object // of the provider block
	before   func(*deepcalltest.Server)

	prior  object // nil: a create
	config object // nil: a destroy
	sends  []string
	state  object // nil: none

	// cli repeats the operation, a create of agent_ids, with a CLI, which must
	// fail and show the whole text.
	cli bool
}

// operations runs each. What they say is in testdata/diagnostics/GROUP.txt.
func operations(t *testing.T, group string, list []operation) {
	t.Helper()
	g := readGolden(t, group)
	for _, o := range list {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			o.run(t, g)
		})
	}
}

// ports are other ones in every run.
var ports = regexp.MustCompile(`127\.0\.0\.1:\d+`)

func (o operation) run(t *testing.T, g *golden) {
	t.Helper()
	api := startForAMinute(t, o.server...)
	p := connect(t, api, o.settings)
	before := func() {}
	if o.before != nil {
		before = func() { o.before(api) }
	}
	before()
	state, diags := p.PlanAndApply(o.prior, o.config)
	equal(t, "state", state, o.state)
	sent(t, api, o.sends...)
	g.compare(t, o.name, ports.ReplaceAllString(diags.String(), "127.0.0.1:PORT"))

	if !o.cli {
		return
	}
	var block []string
	for _, name := range slices.Sorted(maps.Keys(o.settings)) {
		block = append(block, fmt.Sprintf("  %s = %#v", name, o.settings[name]))
	}
	ids, ok := o.config["agent_ids"].([]string)
	if !ok || o.prior != nil {
		t.Fatal("not a create of agent_ids")
	}
	var text []string
	for _, d := range diags {
		text = append(text, d.Summary, d.Detail)
	}
	run(t, api, step{
		before: before,
		config: config(api, ssid+"\n"+strings.Join(block, "\n"), cad("a", set.hcl(ids...))),
		sends:  o.sends,
		fails:  text,
	})
}
