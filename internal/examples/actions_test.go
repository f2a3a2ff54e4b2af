package examples

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	frameworkprovider "github.com/hashicorp/terraform-plugin-framework/provider"

	"github.com/deepcall/terraform-provider-deepcall/internal/provider"
)

// Actions need a CLI that is newer than most, so they are compared with the
// provider's schema whichever CLI there is.

// actionSchemas are the provider's actions by type.
func actionSchemas(t *testing.T) map[string]schema.Schema {
	t.Helper()
	p, ok := provider.New("test").(frameworkprovider.ProviderWithActions)
	if !ok {
		t.Fatal("the provider has no actions")
	}
	schemas := map[string]schema.Schema{}
	for _, make := range p.Actions(t.Context()) {
		var name action.MetadataResponse
		make().Metadata(t.Context(), action.MetadataRequest{ProviderTypeName: "deepcall"}, &name)
		var s action.SchemaResponse
		make().Schema(t.Context(), action.SchemaRequest{}, &s)
		schemas[name.TypeName] = s.Schema
	}
	return schemas
}

// Both as documented for the blocks "action" and "action_trigger".
var (
	actionArguments = []string{"count", "for_each", "provider"}
	triggerEvents   = []string{"before_create", "after_create", "before_update", "after_update"}
)

// actionProblems finds actions that the provider would refuse, and triggers of
// actions that are not there.
func actionProblems(text string, body *hclsyntax.Body, schemas map[string]schema.Schema) (problems []string) {
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for _, b := range blocksOf(body, "action") {
		s, ok := schemas[b.Labels[0]]
		if !ok {
			wrong("the provider has no action %q", b.Labels[0])
			continue
		}
		for name := range b.Body.Attributes {
			if !slices.Contains(actionArguments, name) {
				wrong("%s: %s does not belong outside of config", b.Labels[0], name)
			}
		}
		if len(b.Body.Blocks) != 1 || b.Body.Blocks[0].Type != "config" {
			wrong("%s: wants one block, config", b.Labels[0])
			continue
		}
		config := b.Body.Blocks[0].Body
		for name := range config.Attributes {
			if s.Attributes[name] == nil {
				wrong("%s: there is no attribute %s", b.Labels[0], name)
			}
		}
		if (config.Attributes["agent_ids"] == nil) == (config.Attributes["agents"] == nil) {
			wrong("%s: wants agent_ids or agents", b.Labels[0])
		}
	}
	check := func(trigger *hclsyntax.Body, attribute, what string, known []string) {
		for _, word := range words(text, trigger, attribute) {
			if !slices.Contains(known, word) {
				wrong("action_trigger: there is no %s%s", what, word)
			}
		}
	}
	for _, trigger := range triggers(body) {
		check(trigger.Body, "events", "event ", triggerEvents)
		check(trigger.Body, "actions", "", actionAddresses(body))
	}
	return problems
}

func actionAddresses(body *hclsyntax.Body) (addresses []string) {
	for _, b := range blocksOf(body, "action") {
		addresses = append(addresses, "action."+strings.Join(b.Labels, "."))
	}
	return addresses
}

// untriggered are the actions that are there to be invoked by hand.
func untriggered(text string, body *hclsyntax.Body) []string {
	addresses := actionAddresses(body)
	for _, trigger := range triggers(body) {
		triggered := words(text, trigger.Body, "actions")
		addresses = slices.DeleteFunc(addresses, func(a string) bool { return slices.Contains(triggered, a) })
	}
	return addresses
}

// triggers are the blocks action_trigger of all resources.
func triggers(body *hclsyntax.Body) (found []*hclsyntax.Block) {
	for _, r := range blocksOf(body, "resource") {
		for _, lifecycle := range blocksOf(r.Body, "lifecycle") {
			found = append(found, blocksOf(lifecycle.Body, "action_trigger")...)
		}
	}
	return found
}

var word = regexp.MustCompile(`[A-Za-z_][\w.-]*`)

// words are the elements of a list of names.
func words(text string, body *hclsyntax.Body, attribute string) []string {
	a := body.Attributes[attribute]
	if a == nil {
		return nil
	}
	return word.FindAllString(source(text, a.Expr), -1)
}
