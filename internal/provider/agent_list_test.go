package provider

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
)

func TestWithout(t *testing.T) {
	r := agentList{ids: []string{"1", "14", "27", "3"}}
	if got := r.without([]string{"27", "1", "99"}); !slices.Equal(got, []string{"14", "3"}) {
		t.Errorf("%q are left", got)
	}
	if !slices.Equal(r.ids, []string{"1", "14", "27", "3"}) {
		t.Errorf("the roster itself is now %q", r.ids)
	}
}

// What is recorded: those of the plan that are confirmed now or were before,
// with the plan's labels, and those that could not leave, with their old ones.
func TestRecord(t *testing.T) {
	prior := agentList{labeled: true, ids: []string{"1", "2", "3", "4"}, labels: map[string]string{"1": "a", "2": "b", "3": "c", "4": "d"}}
	plan := agentList{labeled: true, ids: []string{"1", "2", "5", "6"}, labels: map[string]string{"1": "A", "2": "b", "5": "e", "6": "f"}}
	got := prior.record(plan, []string{"5"}, []string{"3"})
	if want := "{true [1 2 5 4] map[1:A 2:b 4:d 5:e]}"; fmt.Sprint(got) != want {
		t.Errorf("recorded %v, want %s", got, want)
	}
}

func BenchmarkAgentList(b *testing.B) {
	for _, n := range []int{500, 10_000} {
		ids, labels := make([]string, n), map[string]string{}
		for i := range ids {
			ids[i] = strconv.Itoa(100_000 + i)
			labels[ids[i]] = "Agent " + ids[i]
		}
		prior := agentList{labeled: true, ids: ids[:n-1], labels: labels}
		plan := agentList{labeled: true, ids: ids[1:], labels: labels}
		for name, do := range map[string]func(){
			"difference": func() { plan.without(prior.ids) },
			"record":     func() { prior.record(plan, ids[n-1:], ids[:1]) },
			"values":     func() { plan.values() },
		} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					do()
				}
			})
		}
	}
}
