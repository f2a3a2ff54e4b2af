package clitest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
)

// Resource is an object in the state.
type Resource struct {
	Agents  []string // of agent_ids or agents, sorted
	Tainted bool
}

// State reads the state file: its resources by address. A deposed object has
// " (deposed)" behind its address.
func (w *Workspace) State() (map[string]Resource, error) {
	found := map[string]Resource{}
	text, err := os.ReadFile(w.Path("terraform.tfstate"))
	if errors.Is(err, fs.ErrNotExist) {
		return found, nil // before the first apply
	}
	var file struct {
		Resources []struct {
			Module, Type, Name string
			Instances          []struct {
				IndexKey   json.RawMessage `json:"index_key"`
				Deposed    string
				Status     string
				Attributes struct {
					AgentIDs []string          `json:"agent_ids"`
					Agents   map[string]string `json:"agents"`
				}
			}
		}
	}
	if err := errors.Join(err, json.Unmarshal(text, &file)); err != nil {
		return nil, fmt.Errorf("reading the state: %w", err)
	}
	for _, r := range file.Resources {
		for _, i := range r.Instances {
			address := strings.TrimPrefix(r.Module+"."+r.Type+"."+r.Name, ".")
			if i.IndexKey != nil {
				address += "[" + string(i.IndexKey) + "]"
			}
			agents := slices.AppendSeq(i.Attributes.AgentIDs, maps.Keys(i.Attributes.Agents))
			slices.Sort(agents)
			found[address+deposed(i.Deposed)] = Resource{Agents: agents, Tainted: i.Status == "tainted"}
		}
	}
	return found, nil
}

func deposed(key string) string {
	if key == "" {
		return ""
	}
	return " (deposed)"
}

// Plan plans and says what is planned, by address as in State: "create",
// "update", "delete create" and the like. Resources without a change are left
// out.
func (w *Workspace) Plan(ctx context.Context, args ...string) (map[string]string, error) {
	const file = "clitest.tfplan"
	planned, err := w.Run(ctx, append([]string{"plan", "-out=" + file}, args...)...)
	if err := errors.Join(err, planned.Check(0)); err != nil {
		return nil, err
	}
	shown, err := w.Run(ctx, "show", "-json", file)
	if err := errors.Join(err, shown.Check(0)); err != nil {
		return nil, err
	}
	var plan struct {
		ResourceChanges []struct {
			Address, Deposed string
			Change           struct{ Actions []string }
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(shown.Output), &plan); err != nil {
		return nil, fmt.Errorf("reading the plan: %w", err)
	}
	changes := map[string]string{}
	for _, c := range plan.ResourceChanges {
		if actions := strings.Join(c.Change.Actions, " "); actions != "no-op" {
			changes[c.Address+deposed(c.Deposed)] = actions
		}
	}
	return changes, nil
}
