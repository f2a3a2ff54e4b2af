package main

import (
	"slices"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []int64
		want   int64
	}{
		{nil, 0},
		{[]int64{7}, 7},
		{[]int64{9, 1, 5}, 5},
		{[]int64{8, 2, 4, 100}, 6},
		{[]int64{5, 5, 1}, 5},
	} {
		before := slices.Clone(c.values)
		if got := median(c.values, func(n int64) int64 { return n }); got != c.want {
			t.Errorf("median of %v is %d, want %d", c.values, got, c.want)
		}
		if !slices.Equal(c.values, before) {
			t.Errorf("the values were %v, and are %v after", before, c.values)
		}
	}
}

func TestRatio(t *testing.T) {
	if got := ratio[int64](3, 2); got != 1.5 {
		t.Errorf("3 to 2 is %v, want 1.5", got)
	}
	if got := ratio[int64](3, 0); got != 0 {
		t.Errorf("3 to nothing is %v, want 0", got)
	}
}

func TestProviderPeak(t *testing.T) {
	s := samples{
		planning: {{providerPeak: 10}, {providerPeak: 90}, {providerPeak: 20}},
		applying: {{providerPeak: 40}, {providerPeak: 30}, {providerPeak: 50}},
	}
	// The runs' peaks are 40, 90 and 50.
	if got := s.providerPeak(); got != 50 {
		t.Errorf("peak %d, want 50", got)
	}
}
