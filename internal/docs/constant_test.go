package docs

import (
	"fmt"
	"go/ast"
	"go/token"
	"strconv"
	"testing"
	"time"
)

// constants are the values of the constants of the provider and the client, by
// name. Durations are as Go prints them, up to a minute in seconds.
func constants(t *testing.T) map[string]string {
	t.Helper()
	values := map[string]string{}
	for _, folder := range []string{"internal/provider", "internal/deepcall"} {
		_, files := parse(t, folder)
		for _, file := range files {
			for _, d := range file.Decls {
				group, ok := d.(*ast.GenDecl)
				if !ok || group.Tok != token.CONST {
					continue
				}
				for _, spec := range group.Specs {
					names, ok := spec.(*ast.ValueSpec)
					for i := 0; ok && i < len(names.Values); i++ {
						if value, ok := evaluate(names.Values[i]); ok {
							values[names.Names[i].Name] = value
						}
					}
				}
			}
		}
	}
	return values
}

// evaluate reads a literal, or a whole number of a unit of time. Nothing else is
// needed here.
func evaluate(e ast.Expr) (value string, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
		return e.Value, true
	case *ast.BinaryExpr:
		number, ok := e.X.(*ast.BasicLit)
		unit, isUnit := e.Y.(*ast.SelectorExpr)
		if !ok || !isUnit || e.Op != token.MUL {
			return "", false
		}
		n, err := strconv.Atoi(number.Value)
		length, isUnit := map[string]time.Duration{"Millisecond": time.Millisecond, "Second": time.Second, "Minute": time.Minute}[unit.Sel.Name]
		d := time.Duration(n) * length
		if d <= time.Minute {
			return fmt.Sprintf("%gs", d.Seconds()), err == nil && isUnit
		}
		return d.String(), err == nil && isUnit
	}
	return "", false
}
