package main

import (
	"cmp"
	"slices"
)

// median is the middle of what is read from the items, and for an even number of
// them the mean of the two in the middle. It is 0 for none.
func median[T any, N ~int64](items []T, read func(T) N) N {
	if len(items) == 0 {
		return 0
	}
	values := make([]N, len(items))
	for i, item := range items {
		values[i] = read(item)
	}
	slices.SortFunc(values, cmp.Compare[N])
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return values[middle-1] + (values[middle]-values[middle-1])/2
}

// ratio is a over b; 0 when there is nothing to compare with.
func ratio[N ~int64](a, b N) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
