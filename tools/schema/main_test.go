package main

import (
	"bytes"
	"encoding/json"
	"errors"
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
	if err := write(&out, "phone", answer); err != nil {
		t.Fatal(err)
	}
	var got, wanted any
	if err := errors.Join(json.Unmarshal(out.Bytes(), &got), json.Unmarshal([]byte(want), &wanted)); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, wanted) {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestWriteRefusesWhatItCannotPrint(t *testing.T) {
	empty := &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{}}
	nested := &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{BlockTypes: []*tfprotov6.SchemaNestedBlock{{TypeName: "proxy"}}}}
	for want, answer := range map[string]*tfprotov6.GetProviderSchemaResponse{
		"more than resources and actions": {Provider: empty, DataSourceSchemas: map[string]*tfprotov6.Schema{"phone_book": empty}},
		`nested block "proxy"`:            {Provider: nested},
		"Broken: No schema.":              {Provider: empty, Diagnostics: []*tfprotov6.Diagnostic{{Summary: "Broken", Detail: "No schema."}}},
	} {
		var out bytes.Buffer
		if err := write(&out, "phone", answer); err == nil || !strings.Contains(err.Error(), want) || out.Len() > 0 {
			t.Errorf("got the error %v, want one that says %q, and wrote %q", err, want, out.String())
		}
	}
}
