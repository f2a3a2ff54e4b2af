package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// part is a part of the measurements.
type part struct {
	name    string
	measure func(*bench, context.Context) ([]row, error)
}

func parts() []part {
	return []part{
		{"agents", (*bench).agents},
		{"agent_ids", (*bench).agentIDs},
		{"growth", (*bench).growth},
		{"sharing", (*bench).sharing},
		{"api", (*bench).apiTime},
		{"start-up", (*bench).startUp},
		{"curves", (*bench).curves},
	}
}

func partNames() []string {
	var names []string
	for _, p := range parts() {
		names = append(names, p.name)
	}
	return names
}

// choose picks the parts that the settings ask for: all but curves that nobody
// would keep.
func choose(s settings) ([]part, error) {
	asked := map[string]bool{}
	if s.only != "" {
		for name := range strings.SplitSeq(s.only, ",") {
			if !slices.Contains(partNames(), name) {
				return nil, fmt.Errorf("-only: no part is called %q", name)
			}
			asked[name] = true
		}
	}
	if asked["curves"] && s.assets == "" {
		return nil, errors.New("-only curves needs -assets")
	}
	return slices.DeleteFunc(parts(), func(p part) bool {
		return s.only != "" && !asked[p.name] || p.name == "curves" && s.assets == ""
	}), nil
}

// sizes are how many agents or resources there are in each part.
type sizes struct {
	few, agents, most  int // of the map
	agentIDs           int
	resources          int
	mapCurve, setCurve []int
}

var (
	full = sizes{
		few: 10, agents: 10_000, most: 40_000, agentIDs: 2_000, resources: 1_000,
		mapCurve: []int{100, 300, 1_000, 3_000, 10_000}, setCurve: []int{100, 300, 1_000, 3_000},
	}
	small = sizes{
		few: 10, agents: 2_000, most: 8_000, agentIDs: 300, resources: 100,
		mapCurve: []int{100, 1_000, 3_000}, setCurve: []int{100, 300, 600},
	}
)
