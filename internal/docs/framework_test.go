package docs

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/deepcall/terraform-provider-deepcall/internal/provider"
)

const (
	resourceType = "deepcall_agent_cad"
	actionType   = "deepcall_agent_cad_set"
)

// server is the provider as a CLI meets it.
func server(t *testing.T) (tfprotov6.ProviderServer, *tfprotov6.GetProviderSchemaResponse) {
	t.Helper()
	s, err := provider.Server(provider.New("test"))
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(schemas.Diagnostics) > 0 {
		t.Fatal(err, schemas.Diagnostics)
	}
	return s, schemas
}

// fromTheFramework are the summaries of the diagnostics that validators of the
// framework's modules make, found by giving the provider what they refuse.
func fromTheFramework(t *testing.T) map[string]bool {
	t.Helper()
	s, schemas := server(t)
	found := map[string]bool{}
	note := func(given any, diagnostics []*tfprotov6.Diagnostic, err error) {
		if err != nil || len(diagnostics) == 0 {
			t.Fatalf("%v is not refused: %v", given, err)
		}
		for _, d := range diagnostics {
			found[d.Summary] = true
		}
	}
	for _, given := range []map[string]string{
		{"ssid": ""}, {"user_id": ""}, {"token": ""},
		{"ssid": "a", "user_id": "b"}, {"ssid": "a", "token": "b"},
		{"base_url": "a"}, {"request_timeout": "a"},
	} {
		resp, err := s.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{
			Config: object(t, schemas.Provider, texts(given)),
		})
		note(given, resp.Diagnostics, err)
	}
	agents := []tftypes.Value{tftypes.NewValue(tftypes.String, "1")}
	for _, timeout := range []string{"create", "update", "delete"} {
		schema := schemas.ResourceSchemas[resourceType]
		resp, err := s.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{
			TypeName: resourceType,
			Config:   object(t, schema, map[string]any{"agent_ids": agents, "timeouts": timeouts(schema, timeout)}),
		})
		note(timeout, resp.Diagnostics, err)
	}
	schema := schemas.ActionSchemas[actionType].Schema
	actions, ok := s.(tfprotov6.ActionServer)
	if !ok {
		t.Fatal("the provider serves no actions")
	}
	resp, err := actions.ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{
		ActionType: actionType,
		Config:     object(t, schema, map[string]any{"agent_ids": agents, "timeouts": timeouts(schema, "invoke")}),
	})
	note("invoke", resp.Diagnostics, err)
	return found
}

func texts(given map[string]string) map[string]any {
	values := map[string]any{}
	for name, text := range given {
		values[name] = text
	}
	return values
}

// timeouts are null but for one, which is no duration.
func timeouts(schema *tfprotov6.Schema, wrong string) map[string]tftypes.Value {
	values := map[string]tftypes.Value{}
	for _, a := range schema.Block.Attributes {
		if a.Name == "timeouts" {
			for _, timeout := range a.NestedType.Attributes {
				values[timeout.Name] = tftypes.NewValue(tftypes.String, nil)
			}
		}
	}
	values[wrong] = tftypes.NewValue(tftypes.String, "a")
	return values
}

// object is a configuration with the given attributes, and null for the others.
func object(t *testing.T, schema *tfprotov6.Schema, given map[string]any) *tfprotov6.DynamicValue {
	t.Helper()
	whole, ok := schema.ValueType().(tftypes.Object)
	if !ok {
		t.Fatalf("the schema is of type %s", schema.ValueType())
	}
	values := map[string]tftypes.Value{}
	for name, attribute := range whole.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, given[name])
	}
	encoded, err := tfprotov6.NewDynamicValue(whole, tftypes.NewValue(whole, values))
	if err != nil {
		t.Fatal(err)
	}
	return &encoded
}
