package deepcall

import "slices"

// maxRefusedAlone is how many agents are tried alone before a server that
// accepts nothing is believed to refuse everything.
const maxRefusedAlone = 10

// maxProbes is how many requests made from parts are in flight while nothing has
// been accepted.
const maxProbes = 2

// part is a piece of a refused request, not to be shared with others.
type part struct {
	items   []*item
	whole   bool   // one call's, to be sent as it is
	refused bool   // it was sent as it is, so it has to be split
	split   *split // that it came from, or will be
}

// split is a request that was refused for its content, and its parts.
type split struct {
	open    int // parts that were not accepted so far
	largest int // of those that were, in agents
}

// cut removes the first n items of p and returns them as a part of their own.
func (p *part) cut(n int) *part {
	p.refused = false
	head := *p
	head.items, p.items = p.items[:n:n], p.items[n:]
	if p.split != nil {
		p.split.open++
	}
	return &head
}

// accept notes that p was accepted with n agents. Once all parts of a refused
// request were, it returns the size of the largest: the server's limit is not
// lower.
func (p *part) accept(n int) (limit int) {
	if p == nil || p.split == nil {
		return 0
	}
	p.split.open--
	p.split.largest = max(p.split.largest, n)
	if p.split.open > 0 {
		return 0
	}
	return p.split.largest
}

// separate makes a part for each call.
func (l *lane) separate(items []*item) {
	for _, own := range byCall(items) {
		l.parts = append(l.parts, &part{items: own, whole: true})
	}
}

// composePart makes a request from the next part. It returns nil if all that
// would be in it has been settled or is in flight, and while enough parts are in
// flight to learn whether anything is accepted.
func (s *scheduler) composePart(op Operation) *request {
	l := s.lanes[op]
	probes := len(filter(s.inFlight, func(r *request) bool { return r.part != nil }))
	for len(l.parts) > 0 && (l.accepted || probes < maxProbes) {
		p := s.nextPart(l)
		r := &request{op: op, part: p}
		for _, it := range p.items {
			s.load(r, it)
		}
		if len(r.items) < len(p.items) {
			p.split = nil // what is left says nothing about a limit
		}
		if len(r.items) > 0 {
			return r
		}
	}
	return nil
}

// nextPart takes the part to be sent next out of the lane: a whole one first,
// and while nothing has been accepted, only single agents of the others.
func (s *scheduler) nextPart(l *lane) *part {
	i := slices.IndexFunc(l.parts, func(p *part) bool { return p.whole })
	if i < 0 {
		if !l.accepted {
			return l.probe()
		}
		i = len(l.parts) - 1
	}
	p := l.parts[i]
	n := len(p.items)
	if p.refused {
		n = (n + 1) / 2
	}
	if n = min(n, s.limit); n < len(p.items) {
		return p.cut(n)
	}
	l.parts = slices.Delete(l.parts, i, i+1)
	return p
}

// probe takes one agent out of the middle of the largest part, to learn whether
// anything is accepted. Probes are thereby spread over all that was refused.
func (l *lane) probe() *part {
	p := slices.MaxFunc(l.parts, func(a, b *part) int { return len(a.items) - len(b.items) })
	n := len(p.items)
	if n > 2 {
		l.parts = append(l.parts, p.cut((n-1)/2))
	}
	if n > 1 {
		return p.cut(1)
	}
	i := slices.Index(l.parts, p)
	l.parts = slices.Delete(l.parts, i, i+1)
	return p
}
