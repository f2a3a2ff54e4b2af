package main

import (
	"fmt"
	"time"
)

// part is a group of measurements.
type part struct {
	name        string // that -only takes
	runs        int
	latency     time.Duration // of the server
	steps       []step
	experiments []experiment
	rows        func(got []samples) []row // one of samples for each experiment
}

// sizes are how many agents or resources there are in each part.
type sizes struct {
	few, agents, most, agentIDs, resources int
	mapCurve, setCurve                     []int
}

// slow is what a slow server takes for a request.
const slow = 200 * time.Millisecond

// parts are all that is measured, except for the curves.
func (b *bench) parts() []part {
	size, fewer := b.size, min(b.runs, 3)
	applies := []step{applying}
	return []part{
		{
			"agents", b.runs, 0, allSteps, b.besideCore(agentMap, coreMap, size.agents),
			cpuOfSteps("`agents`", size.agents, map[step]float64{planning: 1.4, applying: 1.4, noChange: 1, updating: 1}),
		},
		{
			"agent_ids", b.runs, 0, allSteps, b.besideCore(agentSet, coreSet, size.agentIDs),
			cpuOfSteps("`agent_ids`", size.agentIDs, map[step]float64{applying: 1.1, noChange: 1.15, updating: 1.15}),
		},
		{
			"growth", fewer, 0, allSteps,
			[]experiment{{agentMap, size.few, 1, b.metered}, {agentMap, size.agents, 1, b.metered}, {agentMap, size.most, 1, b.metered}}, size.growth,
		},
		{"sharing", fewer, slow, applies, b.besideCore(oneEach, coreEach, size.resources), size.sharing},
		{"api", fewer, slow, applies, []experiment{{agentMap, size.agents, 1, b.plain}, {agentMap, size.agents, 4, b.plain}}, size.apiTime},
		// Short, and more easily disturbed for that.
		{"start-up", 2 * b.runs, 0, []step{planning, applying}, b.besideCore(agentSet, coreSet, 1), startUp},
	}
}

// besideCore are a roster and what core takes with the same value.
func (b *bench) besideCore(own, core subject, agents int) []experiment {
	return []experiment{{own, agents, 1, b.plain}, {core, agents, 0, b.plain}}
}

// cpuOfSteps compares the provider with core, in the steps that have a goal.
func cpuOfSteps(name string, agents int, goals map[step]float64) func([]samples) []row {
	return func(got []samples) (rows []row) {
		for _, s := range allSteps {
			if goal := goals[s]; goal > 0 {
				own, core := got[0].median(s, cpu), got[1].median(s, cpu)
				rows = append(rows, atMost(fmt.Sprintf("%s, %s: %s, CPU", name, thousands(agents), s.name), goal,
					own, core, seconds(own)+" to core's "+seconds(core)))
			}
		}
		return rows
	}
}

// growth is about the provider apart from core: its CPU and its memory.
func (n sizes) growth(got []samples) (rows []row) {
	for _, s := range allSteps {
		from, to := got[1].median(s, providerCPU), got[2].median(s, providerCPU)
		rows = append(rows, atMost(fmt.Sprintf("provider's own CPU, `agents`, from %s to %s: %s", thousands(n.agents), thousands(n.most), s.name), 5,
			to, from, seconds(from)+" to "+seconds(to)))
	}
	from, to := got[0].median(updating, memory), got[1].median(updating, memory)
	return append(rows, atMost(fmt.Sprintf("provider's peak memory, `agents`, from %s to %s", thousands(n.few), thousands(n.agents)), 2,
		to, from, fmt.Sprintf("%.0f MiB to %.0f MiB", from, to)))
}

// sharing is about many resources of one agent each.
func (n sizes) sharing(got []samples) []row {
	const coreParallelism = 10 // how many resources core works on at a time
	work := fmt.Sprintf("%s resources of one agent each, a server that takes %s: ", thousands(n.resources), slow)
	count, most := got[0].median(applying, requests), 0.13*float64(n.resources)
	took, core := got[0].median(applying, wall), got[1].median(applying, wall)
	alone := float64(n.resources) * slow.Seconds() / coreParallelism // a request for each agent
	limit := alone*1.25 + core
	return []row{
		{work + "requests", fmt.Sprintf("%.0f", count), fmt.Sprintf("≤ %.0f", most), count <= most},
		{
			work + "apply, wall time", seconds(took),
			fmt.Sprintf("≤ %s (1.25 × %s and core's %s)", seconds(limit), seconds(alone), seconds(core)), took <= limit,
		},
	}
}

// apiTime is about how much of the server's time is put to use.
func (n sizes) apiTime(got []samples) (rows []row) {
	for i, inFlight := range []int{1, 4} {
		count, took := got[i].median(applying, requests), got[i].median(applying, api)
		ideal := count * slow.Seconds() / float64(inFlight)
		rows = append(rows, atMost(fmt.Sprintf("`agents`, %s, a server that takes %s: API time, %d in flight, to requests × %s ÷ %d",
			thousands(n.agents), slow, inFlight, slow, inFlight), 1.1,
			took, ideal, fmt.Sprintf("%s to %.0f requests' %s", seconds(took), count, seconds(ideal))))
	}
	return rows
}

// startUp is what a user waits for before any agent counts.
func startUp(got []samples) (rows []row) {
	const limit = 0.15
	for _, s := range []step{planning, applying} {
		own, core := got[0].median(s, wall), got[1].median(s, wall)
		rows = append(rows, row{
			fmt.Sprintf("start-up, one agent: %s, wall time", s.name),
			fmt.Sprintf("%s more (%s to core's %s)", seconds(own-core), seconds(own), seconds(core)),
			"≤ " + seconds(limit) + " more", own-core <= limit,
		})
	}
	return rows
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
func seconds(s float64) string {
	switch {
	case s < 1:
		return fmt.Sprintf("%.3f s", s)
	case s < 10:
		return fmt.Sprintf("%.2f s", s)
	}
	return fmt.Sprintf("%.1f s", s)
}

// thousands groups the digits of a number below a million.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
