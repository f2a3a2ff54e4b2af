package main

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The JSON of a provider's schema, as far as this provider needs it. What it
// does not have is refused by name rather than left out of the documentation.
type (
	providerJSON struct {
		Provider  schemaJSON            `json:"provider"`
		Resources map[string]schemaJSON `json:"resource_schemas"`
		Actions   map[string]schemaJSON `json:"action_schemas"`
	}
	schemaJSON struct {
		Version int64     `json:"version"`
		Block   blockJSON `json:"block"`
	}
	blockJSON struct {
		Attributes      map[string]attributeJSON `json:"attributes"`
		Description     string                   `json:"description,omitempty"`
		DescriptionKind string                   `json:"description_kind"`
		Deprecated      bool                     `json:"deprecated,omitempty"`
	}
	attributeJSON struct {
		Type            any         `json:"type,omitempty"` // a name, or an array such as ["set", "string"]
		NestedType      *objectJSON `json:"nested_type,omitempty"`
		Description     string      `json:"description,omitempty"`
		DescriptionKind string      `json:"description_kind"`
		Deprecated      bool        `json:"deprecated,omitempty"`
		Required        bool        `json:"required,omitempty"`
		Optional        bool        `json:"optional,omitempty"`
		Computed        bool        `json:"computed,omitempty"`
		Sensitive       bool        `json:"sensitive,omitempty"`
		WriteOnly       bool        `json:"write_only,omitempty"`
	}
	objectJSON struct {
		Attributes  map[string]attributeJSON `json:"attributes"`
		NestingMode string                   `json:"nesting_mode"`
	}
)

func convertProvider(resp *tfprotov6.GetProviderSchemaResponse) (providerJSON, error) {
	out := providerJSON{Resources: map[string]schemaJSON{}, Actions: map[string]schemaJSON{}}

	for kind, count := range map[string]int{
		"data sources":        len(resp.DataSourceSchemas),
		"ephemeral resources": len(resp.EphemeralResourceSchemas),
		"functions":           len(resp.Functions),
		"list resources":      len(resp.ListResourceSchemas),
		"state stores":        len(resp.StateStoreSchemas),
	} {
		if count > 0 {
			return out, fmt.Errorf("the provider has %s, which this command does not print yet", kind)
		}
	}

	var err error
	if out.Provider, err = convertSchema(resp.Provider); err != nil {
		return out, fmt.Errorf("provider block: %w", err)
	}
	for name, s := range resp.ResourceSchemas {
		if out.Resources[name], err = convertSchema(s); err != nil {
			return out, fmt.Errorf("resource %s: %w", name, err)
		}
	}
	for name, a := range resp.ActionSchemas {
		if out.Actions[name], err = convertSchema(a.Schema); err != nil {
			return out, fmt.Errorf("action %s: %w", name, err)
		}
	}
	return out, nil
}

func convertSchema(s *tfprotov6.Schema) (schemaJSON, error) {
	if len(s.Block.BlockTypes) > 0 {
		return schemaJSON{}, fmt.Errorf("has the nested block %q: this command prints attributes only", s.Block.BlockTypes[0].TypeName)
	}
	attributes, err := convertAttributes(s.Block.Attributes)
	return schemaJSON{
		Version: s.Version,
		Block: blockJSON{
			Attributes:      attributes,
			Description:     s.Block.Description,
			DescriptionKind: strings.ToLower(s.Block.DescriptionKind.String()),
			Deprecated:      s.Block.Deprecated,
		},
	}, err
}

func convertAttributes(attributes []*tfprotov6.SchemaAttribute) (map[string]attributeJSON, error) {
	out := make(map[string]attributeJSON, len(attributes))
	for _, a := range attributes {
		converted := attributeJSON{
			Description:     a.Description,
			DescriptionKind: strings.ToLower(a.DescriptionKind.String()),
			Deprecated:      a.Deprecated,
			Required:        a.Required,
			Optional:        a.Optional,
			Computed:        a.Computed,
			Sensitive:       a.Sensitive,
			WriteOnly:       a.WriteOnly,
		}
		var err error
		if a.NestedType != nil {
			converted.NestedType = &objectJSON{NestingMode: strings.ToLower(a.NestedType.Nesting.String())}
			converted.NestedType.Attributes, err = convertAttributes(a.NestedType.Attributes)
		} else {
			converted.Type, err = convertType(a.Type)
		}
		if err != nil {
			return nil, fmt.Errorf("attribute %s: %w", a.Name, err)
		}
		out[a.Name] = converted
	}
	return out, nil
}

// convertType returns t as the CLI writes types: a primitive's name, or an array
// of a collection's name and its element type.
func convertType(t tftypes.Type) (any, error) {
	collection := func(name string, element tftypes.Type) (any, error) {
		converted, err := convertType(element)
		return []any{name, converted}, err
	}
	switch t := t.(type) {
	case tftypes.List:
		return collection("list", t.ElementType)
	case tftypes.Set:
		return collection("set", t.ElementType)
	case tftypes.Map:
		return collection("map", t.ElementType)
	}
	for name, primitive := range map[string]tftypes.Type{
		"bool": tftypes.Bool, "dynamic": tftypes.DynamicPseudoType, "number": tftypes.Number, "string": tftypes.String,
	} {
		if t.Is(primitive) {
			return name, nil
		}
	}
	return nil, fmt.Errorf("has the type %s, which this command does not print yet", t)
}
