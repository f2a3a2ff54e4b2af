// Command bench measures what a large roster costs: the provider under a real
// CLI, compared with what core takes for the same value in terraform_data. It
// prints a table of medians and draws apply time over the size of the roster.
//
// It needs Linux, or a system that counts the children of a process to it as
// Linux does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/clitest"
	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

func main() {
	var err error
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	if provider := os.Getenv(meteredVariable); provider != "" {
		err = meter(provider, os.Args[1:]) // the CLI has started this program as its provider
	} else {
		err = run(ctx)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench is a run of the program.
type bench struct {
	plain, metered *clitest.Box // the provider itself, and this program in its place
	api            *deepcalltest.Server
	provider       string
	assets         string
	runs           int
	size           sizes
}

// sizes are how many agents or resources there are in each part.
type sizes struct {
	few, agents, most, agentIDs, resources int
	mapCurve, setCurve                     []int
}

func run(ctx context.Context) (err error) {
	cli := flag.String("cli", "terraform", "the `CLI`, Terraform or OpenTofu, by name or path")
	provider := flag.String("provider", "", "the provider's `binary`")
	quick := flag.Bool("quick", false, "small rosters and two runs: does it work? The goals are not meant for that")
	only := flag.String("only", "", "measure these `parts` only, separated by commas: agents, agent_ids, growth, sharing, api, start-up, curves")
	assets := flag.String("assets", "", "keep the curves as apply-time.csv and apply-time.svg in this `directory`; unset: leave them out")
	flag.Parse()

	b := &bench{assets: *assets, runs: 5, size: sizes{
		10, 10_000, 40_000, 2_000, 1_000, []int{100, 300, 1_000, 3_000, 10_000}, []int{100, 300, 1_000, 3_000},
	}}
	if *quick {
		b.runs, b.size = 2, sizes{10, 2_000, 8_000, 300, 100, []int{100, 1_000, 3_000}, []int{100, 300, 600}}
	}
	if b.provider, err = filepath.Abs(*provider); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if b.plain, err = clitest.New(ctx, *cli, b.provider); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.plain.Close()) }()
	if b.metered, err = clitest.New(ctx, *cli, self); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.metered.Close()) }()
	if b.api, err = deepcalltest.New(); err != nil {
		return err
	}
	defer b.api.Close()

	load, _ := os.ReadFile("/proc/loadavg") // with other work on the machine, wall times are worth little
	start := time.Now()
	var rows []row
	for _, part := range []struct {
		name    string
		measure func(context.Context) ([]row, error)
	}{
		{"agents", b.agents},
		{"agent_ids", b.agentIDs},
		{"growth", b.growth},
		{"sharing", b.sharing},
		{"api", b.apiTime},
		{"start-up", b.startUp},
		{"curves", b.curves},
	} {
		if *only != "" && !strings.Contains(","+*only+",", ","+part.name+",") {
			continue
		}
		more, err := part.measure(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		rows = append(rows, more...)
	}
	_, err = fmt.Fprintf(os.Stdout, "%s; %d CPUs, %s/%s, load %.4s before; medians of up to %d runs; %s in all.\n\n%s",
		b.plain.Version.Line, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, load, b.runs, time.Since(start).Round(time.Second), table(rows))
	return err
}

// row is a line of the result: what was measured, and how that compares with the
// goal.
type row struct {
	work, measured, goal string
	met                  bool
}

// atMost is a row for a ratio of two measurements, which are shown beside it.
func atMost(work string, limit, a, b float64, ofWhat string) row {
	return row{work, fmt.Sprintf("%.2f × (%s)", a/b, ofWhat), fmt.Sprintf("≤ %g ×", limit), a/b <= limit}
}

// table is the rows in Markdown.
func table(rows []row) string {
	text := "| work | measured | goal | met |\n|---|---|---|---|\n"
	for _, r := range rows {
		text += fmt.Sprintf("| %s | %s | %s | %s |\n", r.work, r.measured, r.goal, map[bool]string{true: "yes", false: "no"}[r.met])
	}
	return text
}

// seconds shows a time with three digits that count, such as "0.123 s".
func seconds(d time.Duration) string {
	s := d.Seconds()
	switch {
	case s < 0.9995:
		return fmt.Sprintf("%.3f s", s)
	case s < 9.995:
		return fmt.Sprintf("%.2f s", s)
	}
	return fmt.Sprintf("%.1f s", s)
}

// thousands groups the digits of a number that is not negative.
func thousands(n int) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
