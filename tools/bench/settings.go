package main

import (
	"flag"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
)

// settings are the program's arguments.
type settings struct {
	tools   tools
	repeats int // how often a history is run, at most
	quick   bool
	only    string
	assets  string
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.tools.cli, "cli", "terraform", "the `CLI`, Terraform or OpenTofu, by name or path")
	flags.StringVar(&s.tools.provider, "provider", "", "the provider's `binary`")
	flags.StringVar(&s.tools.standin, "standin", "", "the `binary` of cmd/deepcall-standin")
	flags.StringVar(&s.tools.meter, "meter", "", "the `binary` of tools/bench/meter")
	flags.IntVar(&s.repeats, "runs", 5, "how many `times` to run; what takes long is run fewer times")
	flags.BoolVar(&s.quick, "quick", false, "small rosters and two runs: does it work? The goals are not meant for that")
	flags.StringVar(&s.only, "only", "", "measure these `parts` only, separated by commas: "+strings.Join(partNames(), ", "))
	flags.StringVar(&s.assets, "assets", "", "keep the curves as apply-time.csv and apply-time.svg in this `directory`; unset: leave them out")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	for name, path := range map[string]*string{
		"cli": &s.tools.cli, "provider": &s.tools.provider, "standin": &s.tools.standin, "meter": &s.tools.meter,
	} {
		if *path == "" {
			return s, fmt.Errorf("-%s is needed", name)
		}
		found, err := exec.LookPath(*path)
		if err != nil {
			return s, fmt.Errorf("-%s: %w", name, err)
		}
		if *path, err = filepath.Abs(found); err != nil {
			return s, err
		}
	}
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case s.repeats < 1:
		return s, fmt.Errorf("-runs %d is less than one", s.repeats)
	}
	return s, nil
}
