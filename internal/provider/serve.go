package provider

import (
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// Address is where registries serve the provider.
const Address = "registry.terraform.io/deepcall/deepcall"

// Serve answers the CLI over its protocol until the CLI ends it.
func Serve(version string, debug bool) error {
	var options []tf6server.ServeOpt
	if debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	return tf6server.Serve(Address, Server(New(version)), options...)
}
