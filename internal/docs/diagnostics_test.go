package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// summaryAt tells which argument of a function is a diagnostic's summary.
var summaryAt = map[string]int{
	"NewErrorDiagnostic":            0,
	"NewWarningDiagnostic":          0,
	"NewAttributeErrorDiagnostic":   1,
	"NewAttributeWarningDiagnostic": 1,
	"AddError":                      0,
	"AddWarning":                    0,
	"AddAttributeError":             1,
	"AddAttributeWarning":           1,
}

// parse reads the Go files of a package, without its tests.
func parse(t *testing.T, folder string) (*token.FileSet, []*ast.File) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(folder), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	positions := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(positions, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return positions, files
}

// summaries are those of the diagnostics that the provider's own code makes. A
// summary that is not written out where the diagnostic is made fails the test,
// because nobody could list it.
func summaries(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	positions, files := parse(t, "internal/provider")
	note := func(e ast.Expr) {
		switch literal, ok := e.(*ast.BasicLit); {
		case ok && literal.Kind == token.STRING:
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			found[text] = true
		case !isPassedOn(e):
			t.Errorf("%s: a diagnostic's summary that is not written out", positions.Position(e.Pos()))
		}
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok {
					if i, ok := summaryAt[f.Sel.Name]; ok && i < len(n.Args) {
						note(n.Args[i])
					}
				}
			case *ast.CompositeLit:
				if name, ok := n.Type.(*ast.Ident); ok && name.Name == "reasonWords" && len(n.Elts) > 0 {
					note(firstField(n, "summary"))
				}
			}
			return true
		})
	}
	return found
}

// isPassedOn tells whether e takes the summary of another diagnostic, or of
// reasonWords: x.Summary() or x.summary.
func isPassedOn(e ast.Expr) bool {
	if call, ok := e.(*ast.CallExpr); ok {
		e = call.Fun
	}
	from, ok := e.(*ast.SelectorExpr)
	return ok && strings.EqualFold(from.Sel.Name, "summary")
}

// firstField is the value of the first field of a struct, whose name is given.
func firstField(literal *ast.CompositeLit, name string) ast.Expr {
	for _, e := range literal.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok && key.Name == name {
				return pair.Value
			}
		}
	}
	return literal.Elts[0]
}

// troubleshooting is the guide, as it is written and not yet generated.
func troubleshooting(t *testing.T) document {
	t.Helper()
	guides, err := filepath.Glob(filepath.Join(root, "templates", "guides", "troubleshooting.md*"))
	if err != nil || len(guides) != 1 {
		t.Fatalf("the troubleshooting guide: %q, %v", guides, err)
	}
	return read(t, "templates/guides/"+filepath.Base(guides[0]))
}

// headings are the sections of the guide that are about a diagnostic each.
func headings(t *testing.T) []string {
	t.Helper()
	guide := troubleshooting(t)
	var all []string
	for _, m := range guide.findIn(guide.prose(), regexp.MustCompile(`(?m)^### (.+)$`)) {
		all = append(all, m.groups[1])
	}
	return all
}

func TestEveryDiagnosticIsInTheGuide(t *testing.T) {
	guide := headings(t)
	printed := summaries(t)
	if len(printed) < 20 {
		t.Fatalf("found %d summaries in the sources: they are not where they are looked for", len(printed))
	}
	for summary := range fromTheFramework(t) {
		printed[summary] = true
	}
	for summary := range printed {
		if !slices.Contains(guide, summary) {
			t.Errorf("the troubleshooting guide has no section %q", "### "+summary)
		}
	}
	for _, heading := range guide {
		if !printed[heading] {
			t.Errorf("nothing prints %q, which the troubleshooting guide has a section on", heading)
		}
	}
}
