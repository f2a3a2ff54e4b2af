package main

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"
)

func TestMedian(t *testing.T) {
	for want, values := range map[float64][]float64{7: {7}, 5: {9, 1, 5}, 6: {8, 2, 4, 100}} {
		s := samples{}
		for _, v := range values {
			s[applying] = append(s[applying], cost{cpu: v})
		}
		if got := s.median(applying, cpu); got != want {
			t.Errorf("median of %v is %v, want %v", values, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	want := `| work | measured | goal | met |
|---|---|---|---|
| a | 1.15 × (0.999 s to 9.99 s) | ≤ 1.15 × | yes |
| b | 2.00 × (10.0 s to 1,234 and 999) | ≤ 2 × | no |
`
	got := table([]row{
		atMost("a", 1.15, 1.15, 1, seconds(0.9991)+" to "+seconds(9.99)),
		atMost("b", 2, 4.008, 2, seconds(10)+" to "+thousands(1_234)+" and "+thousands(999)),
	})
	if got != want {
		t.Errorf("table\n%s\nwant\n%s", got, want)
	}
}

// The drawing in assets is that of the table there.
func TestDrawing(t *testing.T) {
	table, err := os.ReadFile("../../assets/apply-time.csv")
	if err != nil {
		t.Fatal(err)
	}
	drawing, err := os.ReadFile("../../assets/apply-time.svg")
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(strings.NewReader(string(table))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := draw(records[1:]); err != nil || got != string(drawing) {
		t.Errorf("error %v; drawn as\n%s", err, got)
	}
}
