package deepcall

import "slices"

// maxRefusedAlone is how many agents are tried alone before a server that
// accepts nothing is believed to refuse everything.
const maxRefusedAlone = 10

// maxProbes is how many of them are in flight at once.
const maxProbes = 2

// part is a piece of a request that was refused for its content.
type part struct {
	chunks  []*chunk
	refused bool   // it was sent as it is, so it has to be split
	split   *split // that it came from
}

// split is a refused request and its parts.
type split struct {
	open    int // parts that were not accepted so far
	largest int // of those that were, in agents
}

func (p *part) size() (n int) {
	for _, w := range p.chunks {
		n += len(w.ids)
	}
	return n
}

// cut removes the first n agents of p and returns them as a part of their own.
func (p *part) cut(n int) *part {
	head := &part{split: p.split}
	for n > 0 {
		w := p.chunks[0]
		size := min(n, len(w.ids))
		n -= size
		piece := *w
		piece.ids = w.ids[:size:size]
		head.chunks = append(head.chunks, &piece)
		if w.ids = w.ids[size:]; len(w.ids) == 0 {
			p.chunks = p.chunks[1:]
		}
	}
	return head
}

// splitInto notes that p is now n parts. One that was never sent as it is only
// adds parts to the split that it came from.
func (p *part) splitInto(n int, parts ...*part) {
	if p.refused {
		p.split = &split{open: n}
	} else if p.split != nil {
		p.split.open += n - 1
	}
	for _, q := range parts {
		q.split = p.split
	}
	p.refused = false
}

// composePart makes a request from the next part. It returns nil if all that
// would be in it has been settled or is in flight, and while enough parts are in
// flight to learn whether anything is accepted.
func (s *scheduler) composePart(op Operation) *request {
	l := s.lanes[op]
	probes := len(filter(s.inFlight, func(r *request) bool { return r.part != nil }))
	for len(l.parts) > 0 && (l.accepted || probes < maxProbes) {
		p := s.nextPart(l)
		r, seen := &request{op: op, part: p}, map[string]struct{}{}
		calls := map[*call]struct{}{}
		for _, w := range p.chunks {
			ids := s.moves.sendable(s, w)
			if busy := filter(ids, s.isFlying); len(busy) > 0 {
				ids = filter(ids, func(id string) bool { return !s.isFlying(id) })
				rest := *w
				rest.ids = busy
				l.requeue(&rest)
			}
			if len(ids) > 0 {
				taken := *w
				taken.ids, taken.tries = ids, w.tries+1
				r.add(&taken, seen)
				calls[w.call] = struct{}{}
			}
		}
		if r.calls = len(calls); r.calls > 0 {
			return r
		}
		// Its calls have left. Nobody will know whether it would be accepted.
	}
	return nil
}

// nextPart takes the part to be sent next out of the lane, split so that it can
// be accepted.
func (s *scheduler) nextPart(l *lane) *part {
	if !l.accepted {
		return l.probe()
	}
	i := len(l.parts) - 1
	p := l.parts[i]
	switch n := p.size(); {
	case n > s.limit:
		return p.splitHead(s.limit)
	case p.refused && n > 1:
		return p.splitHead((n + 1) / 2)
	}
	l.parts = l.parts[:i]
	return p
}

func (p *part) splitHead(n int) *part {
	head := p.cut(n)
	p.splitInto(2, head)
	return head
}

// probe takes one agent out of the middle of the largest part, to learn whether
// anything is accepted. Probes are thereby spread over all that was refused.
func (l *lane) probe() *part {
	largest := 0
	for i, p := range l.parts {
		if p.size() > l.parts[largest].size() {
			largest = i
		}
	}
	p := l.parts[largest]
	n := p.size()
	if n <= 1 {
		l.parts = slices.Delete(l.parts, largest, largest+1)
		return p
	}
	left := p.cut((n - 1) / 2)
	probe := p.cut(1)
	if n == 2 {
		p.splitInto(2, probe)
		return probe
	}
	p.splitInto(3, left, probe)
	l.parts = slices.Insert(l.parts, largest+1, left)
	return probe
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

// narrow handles a request that was refused for its content: alone, an agent is
// at fault; more are split.
func (s *scheduler) narrow(r *request, err error) (again bool) {
	l := s.lanes[r.op]
	if len(r.ids) > 1 {
		p := &part{refused: true, chunks: filter(r.chunks, func(w *chunk) bool { return w.call.open > 0 })}
		for _, w := range p.chunks {
			w.tries = max(0, w.tries-1) // fewer agents are another request, not another try
		}
		if len(p.chunks) > 0 {
			l.parts = append(l.parts, p)
		}
		return len(p.chunks) > 0
	}
	for _, w := range r.chunks {
		s.fail(w.call, err, w.ids, nil)
	}
	l.refusedAlone++
	if !l.accepted && l.refusedAlone >= maxRefusedAlone {
		s.stopLane(l, err)
	}
	return false
}
