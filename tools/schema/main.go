// Command schema prints the provider's schema as JSON, in the format of
// "terraform providers schema -json", for the generator of the documentation.
//
// It asks the provider itself and no CLI: the pages then come out the same
// whichever CLI a machine has, or none, and hold the actions, which only
// Terraform 1.14 and later can print.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/deepcall/terraform-provider-deepcall/internal/provider"
)

func main() {
	server := providerserver.NewProtocol6(provider.New("docs"))()
	if err := write(context.Background(), os.Stdout, "deepcall", server); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

// write asks server for its schema and writes it to w under the provider's name.
func write(ctx context.Context, w io.Writer, name string, server tfprotov6.ProviderServer) error {
	resp, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return err
	}
	for _, d := range resp.Diagnostics {
		err = errors.Join(err, fmt.Errorf("%s: %s", d.Summary, d.Detail))
	}
	if err != nil {
		return err
	}

	schema, err := convertProvider(resp)
	if err != nil {
		return err
	}

	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(map[string]any{
		"format_version":   "1.0",
		"provider_schemas": map[string]any{name: schema},
	})
}
