// Command bench measures what a large roster costs: the provider under a real
// CLI, compared with what core takes for the same value in terraform_data. It
// prints a table of medians and draws apply time over the size of the roster.
//
// It needs Linux, or a system that counts the children of a process to it as
// Linux does.
package main

import (
	"context"
	"encoding/csv"
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
	runs           int
	size           sizes
}

func run(ctx context.Context) (err error) {
	cli := flag.String("cli", "terraform", "the `CLI`, Terraform or OpenTofu, by name or path")
	provider := flag.String("provider", "", "the provider's `binary`")
	quick := flag.Bool("quick", false, "small rosters and two runs: does it work? The goals are not meant for that")
	only := flag.String("only", "", "measure these `parts` only, separated by commas: agents, agent_ids, growth, sharing, api, start-up, curves")
	assets := flag.String("assets", "", "keep the curves as apply-time.csv and apply-time.svg in this `directory`; unset: leave them out")
	flag.Parse()

	b := &bench{runs: 5, size: sizes{
		10, 10_000, 40_000, 2_000, 1_000, []int{100, 300, 1_000, 3_000, 10_000}, []int{100, 300, 1_000, 3_000},
	}}
	if *quick {
		b.runs, b.size = 2, sizes{10, 2_000, 8_000, 300, 100, []int{100, 1_000, 3_000}, []int{100, 300, 600}}
	}
	self, selfErr := os.Executable()
	b.provider, err = filepath.Abs(*provider)
	if err := errors.Join(err, selfErr); err != nil {
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
	return b.report(ctx, *only, *assets)
}

// report measures the parts, and prints the table of what came out.
func (b *bench) report(ctx context.Context, only, assets string) error {
	load, _ := os.ReadFile("/proc/loadavg") // with other work on the machine, wall times are worth little
	start := time.Now()
	wanted := func(part string) bool { return only == "" || strings.Contains(","+only+",", ","+part+",") }
	var rows []row
	for _, p := range b.parts() {
		if !wanted(p.name) {
			continue
		}
		got, err := b.alternate(ctx, p)
		if err != nil {
			return err
		}
		rows = append(rows, p.rows(got)...)
	}
	if assets != "" && wanted("curves") {
		if err := b.curves(ctx, assets); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(os.Stdout, "%s; %d CPUs, %s/%s, load %.4s before; medians of up to %d runs; %s in all.\n\n%s",
		b.plain.Version.Line, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, load, b.runs, time.Since(start).Round(time.Second), table(rows))
	return err
}

// curves measures apply time over the size of the roster, in turn with core, and
// keeps the points and a drawing of them.
func (b *bench) curves(ctx context.Context, dir string) error {
	names, records := newCurves(), [][]string{{"curve", "agents", "wall_s", "cpu_s"}}
	for i, c := range []struct {
		own, core subject
		sizes     []int
	}{{agentMap, coreMap, b.size.mapCurve}, {agentSet, coreSet, b.size.setCurve}} {
		for _, n := range c.sizes {
			runs := min(b.runs, 3)
			if c.own == agentSet && n > 1000 {
				runs = 1 // half a minute each, and no noise to speak of beside that
			}
			got, err := b.alternate(ctx, part{"curves", runs, 0, []step{applying}, b.besideCore(c.own, c.core, n), nil})
			if err != nil {
				return err
			}
			for j, s := range got {
				records = append(records, []string{
					names[2*i+j].Name, fmt.Sprint(n),
					fmt.Sprintf("%.3f", s.median(applying, wall)), fmt.Sprintf("%.3f", s.median(applying, cpu)),
				})
			}
		}
	}
	drawing, err := draw(records[1:])
	if err != nil {
		return err
	}
	var table strings.Builder
	return errors.Join(csv.NewWriter(&table).WriteAll(records),
		os.WriteFile(filepath.Join(dir, "apply-time.csv"), []byte(table.String()), 0o644), //nolint:gosec // G306: a file of the sources
		os.WriteFile(filepath.Join(dir, "apply-time.svg"), []byte(drawing), 0o644))        //nolint:gosec // G306: a file of the sources
}
