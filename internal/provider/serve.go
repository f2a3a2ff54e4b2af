package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
)

// Address is where registries serve the provider.
const Address = "registry.terraform.io/deepcall/deepcall"

// Serve answers the CLI over its protocol until the CLI ends it.
func Serve(version string, debug bool) error {
	p := New(version)
	return providerserver.Serve(context.Background(), func() provider.Provider { return p }, providerserver.ServeOpts{
		Address: Address, Debug: debug, ProtocolVersion: 6,
	})
}
