package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// Whatever is imported: each piece between commas is in state once and no other
// agent is, or all are refused because of one that can be no agent ID.
func FuzzParseImportID(f *testing.F) {
	for _, id := range []string{"1", "27,14,1", "1,14,1", "", ",", "1, 2", "1\x002", "\xff", "١,b/c", "\u00a01", "a\u0085b", `["1","2"]`, "\ufeff1", "1\u200b2"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		pieces := strings.Split(id, ",")
		isList := strings.HasPrefix(id, "[") || strings.HasPrefix(id, "{") || strings.HasPrefix(id, `"`)
		bad := isList || slices.ContainsFunc(pieces, func(piece string) bool { return deepcall.ValidateAgentID(piece) != nil })
		ids, err := parseImportID(id)
		if bad != (err != nil) {
			t.Fatalf("%q: %q, %v", id, ids, err)
		}
		if err != nil {
			return
		}
		slices.Sort(pieces)
		if got := slices.Sorted(slices.Values(ids)); !slices.Equal(got, slices.Compact(pieces)) {
			t.Errorf("%q: state has %q", id, got)
		}
	})
}
