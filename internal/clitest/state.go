package clitest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
)

// Resource is an object in the state.
type Resource struct {
	Agents  []string // of agent_ids or agents, sorted
	Tainted bool
}

// State reads the state file: the resources of the root module by address. A
// deposed object has " (deposed)" behind its address.
func (w *Workspace) State() (map[string]Resource, error) {
	found := map[string]Resource{}
	text, err := os.ReadFile(w.Path("terraform.tfstate"))
	if errors.Is(err, fs.ErrNotExist) {
		return found, nil // before the first apply
	}
	var file struct {
		Resources []struct {
			Type, Name string
			Instances  []struct {
				Deposed, Status string
				Attributes      struct {
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
			agents := slices.AppendSeq(i.Attributes.AgentIDs, maps.Keys(i.Attributes.Agents))
			slices.Sort(agents)
			address := r.Type + "." + r.Name
			if i.Deposed != "" {
				address += " (deposed)"
			}
			found[address] = Resource{Agents: agents, Tainted: i.Status == "tainted"}
		}
	}
	return found, nil
}
