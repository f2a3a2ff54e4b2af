// Command schema prints the provider's schema as JSON, in the format of
// "terraform providers schema -json", for the generator of the documentation.
//
// It asks the provider itself and no CLI: the pages then come out the same
// whichever CLI a machine has, or none, and hold the actions, which only
// Terraform 1.14 and later can print. It prints what this provider's schema has,
// and its test compares that with what a CLI prints.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/deepcall/terraform-provider-deepcall/internal/provider"
)

func main() {
	if err := write(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

type object = map[string]any

func write(w io.Writer) error {
	server := providerserver.NewProtocol6(provider.New("docs", nil))()
	answer, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return err
	}
	for _, d := range answer.Diagnostics {
		return errors.New(d.Summary + ": " + d.Detail)
	}
	resources, actions := object{}, object{}
	for name, s := range answer.ResourceSchemas {
		resources[name] = schema(s)
	}
	for name, a := range answer.ActionSchemas {
		actions[name] = schema(a.Schema)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(object{"format_version": "1.0", "provider_schemas": object{
		"deepcall": object{"provider": schema(answer.Provider), "resource_schemas": resources, "action_schemas": actions},
	}})
}

func schema(s *tfprotov6.Schema) object {
	block := described(s.Block.Description, s.Block.DescriptionKind)
	block["attributes"] = attributes(s.Block.Attributes)
	return object{"version": s.Version, "block": block}
}

func attributes(all []*tfprotov6.SchemaAttribute) object {
	out := object{}
	for _, a := range all {
		attribute := described(a.Description, a.DescriptionKind)
		if a.NestedType != nil {
			attribute["nested_type"] = object{
				"nesting_mode": strings.ToLower(a.NestedType.Nesting.String()), "attributes": attributes(a.NestedType.Attributes),
			}
		} else {
			attribute["type"] = a.Type // marshals as the CLIs write it, such as ["set", "string"]
		}
		for name, set := range map[string]bool{
			"deprecated": a.Deprecated, "required": a.Required, "optional": a.Optional,
			"computed": a.Computed, "sensitive": a.Sensitive, "write_only": a.WriteOnly,
		} {
			if set {
				attribute[name] = true
			}
		}
		out[a.Name] = attribute
	}
	return out
}

func described(description string, kind tfprotov6.StringKind) object {
	return object{"description": description, "description_kind": strings.ToLower(kind.String())}
}
