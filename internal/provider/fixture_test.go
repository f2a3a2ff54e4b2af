package provider_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
	"github.com/deepcall/terraform-provider-deepcall/internal/protocoltest"
)

// protocol is the provider as a CLI speaks to it. The names of its package are
// short here.
type protocol struct {
	*protocoltest.Provider
	t testing.TB
}

type (
	planned     = protocoltest.Planned
	object      = protocoltest.Object
	unknown     = protocoltest.Unknown
	diagnostics = protocoltest.Diagnostics
)

const agentCAD = protocoltest.AgentCAD

var (
	newServer     = protocoltest.NewServer
	diagnosticsOf = protocoltest.DiagnosticsOf
)

func startProtocol(t testing.TB) *protocol {
	t.Helper()
	return &protocol{protocoltest.Start(t), t}
}

func connect(t testing.TB, api *deepcalltest.Server, settings object) *protocol {
	t.Helper()
	return &protocol{protocoltest.Connect(t, api, settings), t}
}

// form is one of the two attributes that may hold agents. What is said of one
// holds for the other.
type form string

const (
	set      form = "agent_ids"
	labelled form = "agents"
)

// eachForm runs a test with either attribute.
func eachForm(t *testing.T, test func(*testing.T, form)) {
	t.Helper()
	for _, f := range []form{set, labelled} {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			test(t, f)
		})
	}
}

// of is the attribute's value, as an object has it.
func (f form) of(ids ...string) any {
	if f == set {
		return slices.Sorted(slices.Values(ids))
	}
	return labelsOf(ids)
}

func labelsOf(ids []string) map[string]string {
	labels := map[string]string{}
	for _, id := range ids {
		labels[id] = "Agent " + id
	}
	return labels
}

// with is a configuration or state of these agents. Unless others say so,
// unset_on_removal is false.
func (f form) with(agents []string, others ...object) object {
	o := object{string(f): f.of(agents...), "unset_on_removal": false}
	for _, other := range others {
		maps.Copy(o, other)
	}
	return o
}

// Parts of configurations and states.
var (
	unset      = object{"unset_on_removal": true}
	everything = object{
		"unset_on_removal": true,
		"triggers":         map[string]string{"release": "7"},
		"timeouts":         object{"create": "30m", "update": "1h", "delete": "90s"},
	}
)

func numbered(from, to int) (ids []string) {
	for n := from; n <= to; n++ {
		ids = append(ids, fmt.Sprint(n))
	}
	return ids
}

// startForAMinute starts a stand-in that closes after a minute, so that a
// provider that waits for it without end fails the test and no other.
func startForAMinute(t *testing.T, options ...deepcalltest.Option) *deepcalltest.Server {
	t.Helper()
	api := deepcalltest.Start(t, options...)
	patience := time.AfterFunc(time.Minute, api.Close)
	t.Cleanup(func() { patience.Stop() })
	return api
}

// equal fails the test unless got is want.
func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n  got  %+v\n  want %+v", what, got, want)
	}
}

// sent fails the test unless the stand-in has received just these requests
// since the last look.
func sent(t testing.TB, api *deepcalltest.Server, want ...string) {
	t.Helper()
	if got := requests(api); !slices.Equal(got, want) {
		t.Errorf("sent:\n  got  %q\n  want %q", got, want)
	}
	api.ResetRequests()
}

// requests are what the stand-in has received, each as its endpoint and its
// agents, sorted: "setCad 1 14".
func requests(api *deepcalltest.Server) (out []string) {
	for _, r := range api.Requests() {
		slices.Sort(r.AgentIDs)
		out = append(out, r.Endpoint+" "+strings.Join(r.AgentIDs, " "))
	}
	return out
}

// said fails the test unless these are the diagnostics' severities and
// summaries.
func said(t testing.TB, diags diagnostics, want ...string) {
	t.Helper()
	var got []string
	for _, d := range diags {
		got = append(got, d.Severity+" "+d.Summary)
	}
	if !slices.Equal(got, want) {
		t.Errorf("said:\n  got  %q\n  want %q\n%s", got, want, diags)
	}
}
