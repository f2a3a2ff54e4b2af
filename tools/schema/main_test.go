package main

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A schema that holds one of everything, beside its form in the JSON of "terraform providers schema -json".
func TestWritePrintsWhatTheCLIWould(t *testing.T) {
	answer := &tfprotov6.GetProviderSchemaResponse{
		Provider: &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{
			Description:     "The *provider*.",
			DescriptionKind: tfprotov6.StringKindMarkdown,
			Attributes: []*tfprotov6.SchemaAttribute{
				{Name: "token", Type: tftypes.String, Optional: true, Sensitive: true, Description: "A token."},
			},
		}},
		ResourceSchemas: map[string]*tfprotov6.Schema{"phone_line": {
			Version: 2,
			Block: &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{
				{Name: "ids", Type: tftypes.Set{ElementType: tftypes.String}, Required: true},
				{Name: "labels", Type: tftypes.Map{ElementType: tftypes.List{ElementType: tftypes.Number}}, Optional: true, Computed: true},
				{Name: "on", Type: tftypes.Bool, Optional: true, WriteOnly: true, Deprecated: true},
				{Name: "timeouts", Optional: true, NestedType: &tfprotov6.SchemaObject{
					Nesting:    tfprotov6.SchemaObjectNestingModeSingle,
					Attributes: []*tfprotov6.SchemaAttribute{{Name: "create", Type: tftypes.String, Optional: true}},
				}},
			}},
		}},
		ActionSchemas: map[string]*tfprotov6.ActionSchema{"phone_ring": {
			Schema: &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{
				{Name: "id", Type: tftypes.DynamicPseudoType, Required: true},
			}}},
		}},
	}
	const want = `{"format_version": "1.0", "provider_schemas": {"phone": {
		"provider": {"version": 0, "block": {
			"description": "The *provider*.", "description_kind": "markdown",
			"attributes": {"token": {
				"type": "string", "description": "A token.", "description_kind": "plain", "optional": true, "sensitive": true}}}},
		"resource_schemas": {"phone_line": {"version": 2, "block": {"description_kind": "plain", "attributes": {
			"ids": {"type": ["set", "string"], "description_kind": "plain", "required": true},
			"labels": {"type": ["map", ["list", "number"]], "description_kind": "plain", "optional": true, "computed": true},
			"on": {"type": "bool", "description_kind": "plain", "optional": true, "write_only": true, "deprecated": true},
			"timeouts": {"description_kind": "plain", "optional": true, "nested_type": {"nesting_mode": "single", "attributes": {
				"create": {"type": "string", "description_kind": "plain", "optional": true}}}}}}}},
		"action_schemas": {"phone_ring": {"version": 0, "block": {"description_kind": "plain", "attributes": {
			"id": {"type": "dynamic", "description_kind": "plain", "required": true}}}}}}}}`

	var out bytes.Buffer
	if err := write(context.Background(), &out, "phone", schemaServer{answer: answer}); err != nil {
		t.Fatal(err)
	}

	if got, want := decode(t, out.String()), decode(t, want); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%v", out.String(), want)
	}
}

func TestWriteRefusesWhatItCannotPrint(t *testing.T) {
	empty := &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{}}
	for name, test := range map[string]struct {
		answer *tfprotov6.GetProviderSchemaResponse
		want   string
	}{
		"data source": {
			&tfprotov6.GetProviderSchemaResponse{Provider: empty, DataSourceSchemas: map[string]*tfprotov6.Schema{"phone_book": empty}},
			"more than resources and actions",
		},
		"nested block": {
			&tfprotov6.GetProviderSchemaResponse{Provider: &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{
				BlockTypes: []*tfprotov6.SchemaNestedBlock{{TypeName: "proxy"}},
			}}},
			`nested block "proxy"`,
		},
		"diagnostic": {
			&tfprotov6.GetProviderSchemaResponse{Provider: empty, Diagnostics: []*tfprotov6.Diagnostic{{Summary: "Broken", Detail: "No schema."}}},
			"Broken: No schema.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := write(context.Background(), &out, "phone", schemaServer{answer: test.answer})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got the error %v, want one that says %q", err, test.want)
			}
			if out.Len() > 0 {
				t.Errorf("wrote %q beside the error", out.String())
			}
		})
	}
}

// schemaServer is a provider that knows its schema and nothing else.
type schemaServer struct {
	tfprotov6.ProviderServer
	answer *tfprotov6.GetProviderSchemaResponse
}

func (s schemaServer) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return s.answer, nil
}

func decode(t *testing.T, text string) (out any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}
