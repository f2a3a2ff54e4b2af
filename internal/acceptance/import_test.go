//go:build unix

package acceptance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// TestImportBlock imports a roster with a block, its resource written or
// generated. Nothing is sent.
func TestImportBlock(t *testing.T) {
	t.Parallel()
	many := ids(0, 1000) // core compares sets pair by pair, here too: 10,000 take minutes
	for name, c := range map[string]struct {
		agents    []string
		generated bool
	}{
		"written":     {ids(1, 2), false},
		"generated":   {ids(1, 2), true},
		"a large one": {many, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := deepcalltest.Start(t)
			imports := fmt.Sprintf("import {\n  to = deepcall_agent_cad.a\n  id = %q\n}\n", strings.Join(c.agents, ","))
			w := newWorkspace(t, block(api.URL())+imports)
			if c.generated {
				w.Exits(0, "plan", "-generate-config-out=generated.tf").Says(t, "1 to import, 0 to add, 0 to change, 0 to destroy", "Imported without verification")
				w.Exits(0, "fmt", "-check", "generated.tf")
			} else {
				w.configure(block(api.URL()) + imports + cad("a", c.agents))
			}
			w.apply(0).Says(t, "1 imported, 0 added, 0 changed, 0 destroyed")
			w.holds(c.agents...)
			w.configure(block(api.URL())) // the block has done its work
			if !c.generated {
				w.configure(block(api.URL()) + cad("a", c.agents))
			}
			w.unchanged()
			sends(t, api)
		})
	}
}
