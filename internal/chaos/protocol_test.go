package chaos_test

import "github.com/deepcall/terraform-provider-deepcall/internal/protocoltest"

// The provider as a CLI speaks to it, in short names.
type (
	protocol    = protocoltest.Provider
	planned     = protocoltest.Planned
	object      = protocoltest.Object
	diagnostics = protocoltest.Diagnostics
)

var (
	startProtocol = protocoltest.Start
	diagnosticsOf = protocoltest.DiagnosticsOf
)
