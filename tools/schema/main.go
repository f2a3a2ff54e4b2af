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
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/deepcall/terraform-provider-deepcall/internal/provider"
)

func main() {
	server := providerserver.NewProtocol6(provider.New("docs"))()
	answer, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err == nil {
		err = write(os.Stdout, "deepcall", answer)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

type object = map[string]any

// write writes a provider's schema to w under its name. What this provider does
// not have is refused rather than left out.
func write(w io.Writer, name string, answer *tfprotov6.GetProviderSchemaResponse) error {
	for _, d := range answer.Diagnostics {
		return fmt.Errorf("%s: %s", d.Summary, d.Detail)
	}
	if len(answer.DataSourceSchemas)+len(answer.EphemeralResourceSchemas)+len(answer.Functions)+
		len(answer.ListResourceSchemas)+len(answer.StateStoreSchemas) > 0 {
		return errors.New("the provider has more than resources and actions, which this command does not print yet")
	}
	own, err := schema(answer.Provider)
	resources, actions := object{}, object{}
	var schemaErr error
	for name, s := range answer.ResourceSchemas {
		resources[name], schemaErr = schema(s)
		err = errors.Join(err, schemaErr)
	}
	for name, a := range answer.ActionSchemas {
		actions[name], schemaErr = schema(a.Schema)
		err = errors.Join(err, schemaErr)
	}
	if err != nil {
		return err
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(object{"format_version": "1.0", "provider_schemas": object{
		name: object{"provider": own, "resource_schemas": resources, "action_schemas": actions},
	}})
}

func schema(s *tfprotov6.Schema) (object, error) {
	if len(s.Block.BlockTypes) > 0 {
		return nil, fmt.Errorf("the nested block %q: this command prints attributes only", s.Block.BlockTypes[0].TypeName)
	}
	block := described(s.Block.Description, s.Block.DescriptionKind)
	block["attributes"] = attributes(s.Block.Attributes)
	if s.Block.Deprecated {
		block["deprecated"] = true
	}
	return object{"version": s.Version, "block": block}, nil
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
	out := object{"description_kind": strings.ToLower(kind.String())}
	if description != "" {
		out["description"] = description
	}
	return out
}
