package provider_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// TestImportIDs reads import IDs: agents between commas, in any order.
func TestImportIDs(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	p := connect(t, api, nil)
	g := readGolden(t, "imports")
	for _, c := range []struct {
		id   string
		want []string // nil: refused
	}{
		{"1", []string{"1"}},
		{"27,14,1", []string{"1", "14", "27"}},
		{"1,14,1", []string{"1", "14"}},
		{"", nil},
		{",", nil},
		{"1,,2", nil},
		{"1,2,", nil},
		{"1, 2", nil},
		{" 1", nil},
		{"1\n", nil},
		{"1\x002", nil},
	} {
		t.Run(fmt.Sprintf("%q", c.id), func(t *testing.T) {
			state, diags := p.ImportState(c.id)
			if c.want == nil {
				said(t, diags, "ERROR Invalid import ID")
				equal(t, "state", state, object(nil))
			} else {
				said(t, diags, "WARNING Imported without verification")
				equal(t, "state", state, set.with(c.want))
				read, more := p.Read(state)
				said(t, more)
				equal(t, "state after the refresh that follows", read, state)
			}
			g.compare(t, fmt.Sprintf("%q", c.id), diags.String())
		})
	}
	sent(t, api)
}

// TestUpgrade reads a state as this version writes it.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	p := startProtocol(t)
	for name, c := range map[string]struct {
		json string
		want object
	}{
		"IDs": {
			`{"agent_ids":["1","14"],"agents":null,"triggers":null,"unset_on_removal":false,"timeouts":null}`,
			set.with([]string{"1", "14"}),
		},
		"labels": {
			`{"agent_ids":null,"agents":{"1":"Agent 1"},"triggers":{"release":"7"},"unset_on_removal":true,` +
				`"timeouts":{"create":"30m","update":"1h","delete":"90s"}}`,
			labelled.with([]string{"1"}, everything),
		},
		"no agent left": {
			`{"agent_ids":[],"agents":null,"triggers":null,"unset_on_removal":false,"timeouts":null}`,
			object{"agent_ids": []string{}, "unset_on_removal": false},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp, err := p.Server.UpgradeResourceState(p.Context, &tfprotov6.UpgradeResourceStateRequest{
				TypeName: agentCAD, RawState: &tfprotov6.RawState{JSON: []byte(c.json)},
			})
			p.Must(err)
			said(t, diagnosticsOf(resp.Diagnostics))
			equal(t, "state", p.Object(resp.UpgradedState), c.want)
		})
	}
}
