package provider_test

import (
	"testing"

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
