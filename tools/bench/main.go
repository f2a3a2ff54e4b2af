// Command bench measures what a large roster costs: the provider under a true CLI,
// against what core takes for the same value in terraform_data. It prints a table
// of medians, and draws apply time over the size of the roster.
//
// It stands in a module of its own, so that the plotting library is no requirement
// of the provider's, and uses every program as a process. It needs Linux, or a
// system that counts the children of a process to it as Linux does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && ctx.Err() != nil {
		err = errors.New("interrupted") // in place of all that failed for that
	}
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	chosen, err := choose(s)
	if err != nil {
		return err
	}
	lab, err := newLab(ctx, s.tools, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lab.close()) }()
	b := &bench{lab: lab, settings: s, size: full}
	if s.quick {
		b.size = small
	}
	load, start := loadAverage(), time.Now()
	var rows []row
	for _, p := range chosen {
		lab.note("== %s", p.name)
		more, err := p.measure(b, ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		rows = append(rows, more...)
	}

	if _, err := io.WriteString(stdout, b.heading(lab.boxes[plain].Version.Line, load, time.Since(start))); err != nil {
		return err
	}
	return writeTable(stdout, rows)
}

// bench is a run of the program.
type bench struct {
	settings
	lab  *lab
	size sizes
}

func (b *bench) runs() int {
	if b.quick {
		return min(b.repeats, 2)
	}
	return b.repeats
}

// fewRuns is for what takes long.
func (b *bench) fewRuns() int { return min(b.runs(), 3) }

// heading says what the figures come from.
func (b *bench) heading(cli, load string, took time.Duration) string {
	text := fmt.Sprintf("%s; %d CPUs, %s/%s, load %s before; medians of up to %d runs; %s in all.\n",
		cli, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, load, b.runs(), took.Round(time.Second))
	if b.quick {
		text += "Quick: the rosters are smaller than those that the goals are for.\n"
	}
	return text + "\n"
}

// loadAverage is the load of the last minute, by which to see whether the machine
// had other work: the times on a wall are worth little then.
func loadAverage() string {
	content, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	minute, _, _ := strings.Cut(string(content), " ")
	return minute
}
