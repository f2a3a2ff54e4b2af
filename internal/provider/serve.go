package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/deepcall/terraform-provider-deepcall/internal/roster"
)

// Address is where registries serve the provider.
const Address = "registry.terraform.io/deepcall/deepcall"

// Serve answers the CLI over its protocol until the CLI ends it.
func Serve(version string, debug bool) error {
	server, err := Server(New(version))
	if err != nil {
		return err
	}
	var options []tf6server.ServeOpt
	if debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	return tf6server.Serve(Address, func() tfprotov6.ProviderServer { return server }, options...)
}

// Server returns p as a CLI is served by it.
func Server(p provider.Provider) (tfprotov6.ProviderServer, error) {
	server, err := roster.NewServer(providerserver.NewProtocol6(p)(), agentIDsAttribute, agentsAttribute)
	if err != nil {
		return nil, err
	}
	return &interruptible{Server: server}, nil
}
