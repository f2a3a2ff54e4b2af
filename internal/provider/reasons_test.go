package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// refuse refuses the agents, each for one of so many reasons.
func refuse(reasons int, ids ...string) func(*deepcalltest.Server) {
	return func(api *deepcalltest.Server) {
		for i, id := range ids {
			api.Refuse(fmt.Sprintf("Reason %d", i%reasons+1), id)
		}
	}
}

// TestReasons refuses agents in numbers: one error for each reason, as long as
// they are few, and each with as many IDs as one reads.
func TestReasons(t *testing.T) {
	t.Parallel()
	create := func(name string, from form, reasons int, ids, refused []string) operation {
		return operation{name: name, config: from.with(ids), before: refuse(reasons, refused...), sends: []string{
			"setCad " + strings.Join(slices.Sorted(slices.Values(ids)), " "),
		}}
	}
	others := []string{"b", "a-1", "007", "10", "9", "1e3", "a 2", "Ä"}
	operations(t, "reasons", []operation{
		create("twenty agents", set, 1, numbered(1, 20), numbered(1, 20)),
		create("twenty-one agents", set, 1, numbered(1, 21), numbered(1, 21)),
		create("IDs in the order in which people count", set, 1, others, others),
		create("labelled agents", labelled, 2, numbered(1, 4), numbered(1, 4)),
		create("ten reasons", set, 10, numbered(1, 20), numbered(1, 20)),
		create("eleven reasons", set, 11, numbered(1, 22), numbered(1, 22)),
		create("forty reasons", set, 40, numbered(1, 120), numbered(1, 120)),
	})
}
