package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// outcome is what a step has led to.
type outcome struct {
	exitCode int
	output   string // the CLI's
	received []deepcalltest.Request
	enabled  []string
	state    state
}

// check holds an outcome against what was announced. The error names every
// difference.
func (w want) check(got outcome) error {
	var wrong []error
	differ := func(what string, want, got any) {
		wrong = append(wrong, fmt.Errorf("%s: %v; announced: %v", what, got, want))
	}
	if got.exitCode != w.exitCode {
		differ("exit code", w.exitCode, got.exitCode)
	}
	text := flat(got.output)
	for _, phrase := range w.says {
		if !strings.Contains(text, phrase) {
			wrong = append(wrong, fmt.Errorf("the CLI did not say %q", phrase))
		}
	}
	var sent []call
	for _, r := range got.received {
		sent = append(sent, call{r.Endpoint, sorted(r.AgentIDs)})
		if r.Credentials != credentials {
			wrong = append(wrong, errors.New("a request came with other credentials than were given"))
		}
	}
	if !slices.EqualFunc(sent, w.sent, func(a, b call) bool { return a.String() == b.String() }) {
		differ("requests", w.sent, sent)
	}
	if !slices.Equal(got.enabled, w.enabled) {
		differ("agents with CAD on", list(w.enabled), list(got.enabled))
	}
	if !slices.Equal(got.state.agents, w.enabled) {
		differ("agents in state", list(w.enabled), list(got.state.agents))
	}
	if strings.Contains(got.output+got.state.text, credentials.Token) {
		wrong = append(wrong, errors.New("the token is in the CLI's output or in the state"))
	}
	if len(wrong) > 0 {
		return fmt.Errorf("not as announced:\n%w", errors.Join(wrong...))
	}
	return nil
}

// flat is what the CLI printed without colours, frames and line breaks.
func flat(output string) string {
	for _, frame := range []string{"│", "╷", "╵"} {
		output = strings.ReplaceAll(output, frame, "")
	}
	return strings.Join(strings.Fields(colors.ReplaceAllString(output, "")), " ")
}

// state is a local state file.
type state struct {
	agents []string // in order
	text   string
}

// readState reads the state in a folder; there is none before the first apply.
func readState(folder string) (state, error) {
	text, err := os.ReadFile(filepath.Join(folder, "terraform.tfstate")) //nolint:gosec // G304: the demo's own folder
	if errors.Is(err, fs.ErrNotExist) {
		return state{}, nil
	}
	if err != nil {
		return state{}, fmt.Errorf("reading the state: %w", err)
	}
	var file struct {
		Resources []struct {
			Instances []struct {
				Attributes struct {
					AgentIDs []string `json:"agent_ids"`
				} `json:"attributes"`
			} `json:"instances"`
		} `json:"resources"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return state{}, fmt.Errorf("reading the state: %w", err)
	}
	s := state{text: string(text)}
	for _, resource := range file.Resources {
		for _, instance := range resource.Instances {
			s.agents = append(s.agents, instance.Attributes.AgentIDs...)
		}
	}
	slices.Sort(s.agents)
	return s, nil
}

func sorted(ids []string) []string { return slices.Sorted(slices.Values(ids)) }
