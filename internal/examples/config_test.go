package examples

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// parse reads a file of a sample.
func parse(t *testing.T, name, text string) *hclsyntax.Body {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(text), name, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		t.Fatalf("%s: not HCL's native syntax", name)
	}
	return body
}

// blocksOf are the top-level blocks of a type, such as "action".
func blocksOf(body *hclsyntax.Body, kind string) []*hclsyntax.Block {
	return slices.DeleteFunc(slices.Clone(body.Blocks), func(b *hclsyntax.Block) bool { return b.Type != kind })
}

// source is the text of an expression.
func source(text string, e hclsyntax.Expression) string {
	return strings.TrimSpace(string(e.Range().SliceBytes([]byte(text))))
}

// header is what a sample leaves to the page around it.
const header = `terraform {
  required_providers {
    deepcall = {
      source = "deepcall/deepcall"
    }
  }
}
`

// values are made-up ones for variables that have no default, by type. A sample
// with another type wants a row of its own.
var values = map[string]string{
	"": "made-up", "string": "made-up", "number": "1", "bool": "true",
	"set(string)": `["1", "14"]`, "list(string)": `["1", "14"]`, "map(string)": `{ "1" = "Asha" }`,
}

// setVariables gives the variables of a file values.
func (b *trial) setVariables(text string, body *hclsyntax.Body) {
	b.t.Helper()
	for _, v := range blocksOf(body, "variable") {
		kind := ""
		if a := v.Body.Attributes["type"]; a != nil {
			kind = source(text, a.Expr)
		}
		name := "TF_VAR_" + v.Labels[0]
		if v.Body.Attributes["default"] != nil || b.Env[name] != "" {
			continue
		}
		if b.Env[name] = values[kind]; b.Env[name] == "" {
			b.t.Fatalf("%s: no made-up value for a %s", name, kind)
		}
	}
}

// withoutOthers puts an ephemeral variable in the place of each ephemeral
// resource, and takes out the providers that these came from, which need servers
// of their own.
func (b *trial) withoutOthers(text string, body *hclsyntax.Body) string {
	var added strings.Builder
	var renamed []string
	var others []hcl.Range
	for _, e := range blocksOf(body, "ephemeral") {
		name := strings.Join(e.Labels, "_")
		added.WriteString("\nvariable \"" + name + "\" {\n  type = object({ data = map(string) })\n  ephemeral = true\n}\n")
		b.Env["TF_VAR_"+name] = `{ data = { ssid = "made-up", user_id = "made-up", token = "made-up" } }`
		renamed = append(renamed, "ephemeral."+strings.Join(e.Labels, "."), "var."+name)
		others = append(others, e.Range())
	}
	for _, p := range blocksOf(body, "provider") {
		if p.Labels[0] != "deepcall" {
			others = append(others, p.Range())
		}
	}
	for _, settings := range blocksOf(body, "terraform") {
		for _, required := range blocksOf(settings.Body, "required_providers") {
			for name, from := range required.Body.Attributes {
				if name != "deepcall" {
					others = append(others, from.SrcRange)
				}
			}
		}
	}
	b.t.Logf("run with variables in place of %q", renamed)
	return strings.NewReplacer(renamed...).Replace(without(text, others...)) + added.String()
}

// without cuts ranges out of a text.
func without(text string, ranges ...hcl.Range) string {
	slices.SortFunc(ranges, func(a, b hcl.Range) int { return b.Start.Byte - a.Start.Byte })
	for _, r := range ranges {
		text = text[:r.Start.Byte] + text[r.End.Byte:]
	}
	return text
}
