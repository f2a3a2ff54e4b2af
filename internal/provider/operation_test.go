package provider_test

import (
	"regexp"
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
	if o.before != nil {
		o.before(api)
	}
	state, diags := connect(t, api, o.settings).PlanAndApply(o.prior, o.config)
	equal(t, "state", state, o.state)
	sent(t, api, o.sends...)
	g.compare(t, o.name, ports.ReplaceAllString(diags.String(), "127.0.0.1:PORT"))
}
