package main

import (
	"strings"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	var out strings.Builder
	err := writeTable(&out, []row{
		atMost("a", 1.15, 1.15, "x to y"),
		atMost("b", 2, 2.004, "x to y"),
		atMost("c", 2, 0, "nothing to compare with"),
		within("d", 150*time.Millisecond, 150*time.Millisecond, "0.150 s", "≤ 0.150 s"),
		within("e", 150*time.Millisecond, 151*time.Millisecond, "0.151 s", "≤ 0.150 s"),
	})
	want := `| work | measured | goal | met |
|---|---|---|---|
| a | 1.15 × (x to y) | ≤ 1.15 × | yes |
| b | 2.00 × (x to y) | ≤ 2 × | no |
| c | 0.00 × (nothing to compare with) | ≤ 2 × | no |
| d | 0.150 s | ≤ 0.150 s | yes |
| e | 0.151 s | ≤ 0.150 s | no |
`
	if err != nil || out.String() != want {
		t.Errorf("error %v, table\n%s\nwant\n%s", err, out.String(), want)
	}
}

func TestSeconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.000 s", 1234 * time.Microsecond: "0.001 s", 999600 * time.Microsecond: "1.00 s",
		1234 * time.Millisecond: "1.23 s", 9996 * time.Millisecond: "10.0 s", 250 * time.Second: "250.0 s",
		-20 * time.Millisecond: "-0.020 s",
	} {
		if got := seconds(d); got != want {
			t.Errorf("%s is shown as %q, want %q", d, got, want)
		}
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 10_000: "10,000", 1_234_567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("%d is shown as %q, want %q", n, got, want)
		}
	}
}
