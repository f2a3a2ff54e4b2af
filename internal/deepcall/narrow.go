package deepcall

import "slices"

// maxProbes is how many parts of refused requests are in flight while nothing
// has been accepted.
const maxProbes = 2

// chunk is a request for some of r's items, with all tries ahead.
func (r *request) chunk(items []*item) *request {
	return &request{op: r.op, items: items, from: r.from}
}

// cut removes the first n items of r and returns them as a part.
func (r *request) cut(n int) *request {
	head := r.chunk(r.items[:n:n])
	r.items = r.items[n:]
	return head
}

// halve divides a request that was refused for its content.
func (l *lane) halve(r *request, open []*item) {
	r.left = len(r.items)
	half := (len(open) + 1) / 2
	l.halves = slices.Insert(l.halves, 0,
		&request{op: r.op, items: open[:half:half], from: r},
		&request{op: r.op, items: open[half:], from: r})
}

// separate divides a shared request into one for each call.
func (l *lane) separate(r *request, open []*item, class Class) {
	var chunks []*request
	for _, own := range byCall(open) {
		c := r.chunk(own)
		if class == ClassBusy { // it has one more try
			c.tries, c.answered = r.tries, true
		}
		chunks = append(chunks, c)
	}
	l.again = slices.Insert(l.again, 0, chunks...)
}

// learnLimit notes that r was accepted. Once all parts of a refused request were,
// the server is assumed to accept no more agents than in the largest so far.
func (s *scheduler) learnLimit(r *request) {
	s.largest = max(s.largest, len(r.ids))
	if r.from == nil {
		return
	}
	r.from.left -= len(r.items)
	if r.from.left == 0 {
		s.limit = min(s.limit, s.largest)
	}
}

// resend makes the next request of a lane from what was refused. It is nil if all
// of that has an outcome, and while enough parts are in flight to learn whether
// anything is accepted; it is empty while its agents are in flight for others.
func (s *scheduler) resend(l *lane) *request {
	for r := s.nextChunk(l); r != nil; r = s.nextChunk(l) {
		later := s.load(r)
		if len(later) > 0 {
			l.again = append(l.again, r.chunk(later))
		}
		if len(r.items)+len(later) > 0 {
			return r
		}
	}
	return nil
}

// nextChunk takes what is sent next out of l.again, then out of l.halves. While
// nothing has been accepted, only single agents of halves are sent.
func (s *scheduler) nextChunk(l *lane) *request {
	if len(l.again) == 0 && len(l.halves) > 0 {
		if !l.accepted {
			return s.probe(l)
		}
		l.again, l.halves = append(l.again, l.halves[0]), l.halves[1:]
	}
	if len(l.again) == 0 {
		return nil
	}
	r := l.again[0]
	if len(r.items) > s.limit {
		return r.cut(s.limit)
	}
	l.again = l.again[1:]
	return r
}

// probe takes one agent out of the middle of the largest half, to learn whether
// anything is accepted. Probes are thereby spread over all that was refused.
func (s *scheduler) probe(l *lane) *request {
	if len(filter(s.inFlight, func(r *request) bool { return r.from != nil })) >= maxProbes {
		return nil
	}
	p := slices.MaxFunc(l.halves, func(a, b *request) int { return len(a.items) - len(b.items) })
	if middle := (len(p.items) - 1) / 2; middle > 0 {
		l.halves = append(l.halves, p.cut(middle))
	}
	if len(p.items) > 1 {
		return p.cut(1)
	}
	l.halves = slices.DeleteFunc(l.halves, func(other *request) bool { return other == p })
	return p
}
