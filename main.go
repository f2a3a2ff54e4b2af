// Command terraform-provider-deepcall is the Terraform provider for DeepCall.
package main

import (
	"flag"
	"log"

	"github.com/deepcall/terraform-provider-deepcall/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "run under a debugger: print how to attach the CLI, and keep running")
	flag.Parse()
	if err := provider.Serve(version, *debug); err != nil {
		log.Fatal(err)
	}
}
