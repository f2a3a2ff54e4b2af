package docs

import (
	"go/ast"
	"go/token"
	"maps"
	"regexp"
	"testing"
)

// The troubleshooting guide has the API's codes with the texts that the client
// shows for them.
func TestCodes(t *testing.T) {
	guide := map[string]string{}
	for _, m := range troubleshooting(t).find(regexp.MustCompile(`(?m)^\| (\d{4}) \| ([^|]+?) \|`)) {
		guide[m.groups[1]] = m.groups[2]
	}
	client := codeTexts(t)
	if len(client) == 0 {
		t.Fatal("internal/deepcall has no codeText")
	}
	for code, text := range client {
		if guide[code] != text {
			t.Errorf("code %s: the guide says %q, the provider %q", code, guide[code], text)
		}
	}
	maps.DeleteFunc(guide, func(code, _ string) bool { _, ok := client[code]; return ok })
	if len(guide) > 0 {
		t.Errorf("the provider does not know these codes of the guide: %v", guide)
	}
}

// codeTexts reads the client's table of codes.
func codeTexts(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	constants := constants(t)
	value := func(e ast.Expr) string {
		if name, ok := e.(*ast.Ident); ok {
			return constants[name.Name]
		}
		text, _ := evaluate(e)
		return text
	}
	_, files := parse(t, "internal/deepcall")
	for _, file := range files {
		for _, d := range file.Decls {
			group, ok := d.(*ast.GenDecl)
			if !ok || group.Tok != token.VAR {
				continue
			}
			ast.Inspect(group, func(n ast.Node) bool {
				spec, ok := n.(*ast.ValueSpec)
				if !ok || spec.Names[0].Name != "codeText" || len(spec.Values) == 0 {
					return true
				}
				if table, ok := spec.Values[0].(*ast.CompositeLit); ok {
					for _, e := range table.Elts {
						if pair, ok := e.(*ast.KeyValueExpr); ok {
							texts[value(pair.Key)] = value(pair.Value)
						}
					}
				}
				return false
			})
		}
	}
	return texts
}
