package deepcall

import "slices"

// maxRefusedAlone is how many agents are tried alone before a server that
// accepts nothing is believed to refuse everything.
const maxRefusedAlone = 10

// maxProbes is how many parts of refused requests are in flight while nothing
// has been accepted.
const maxProbes = 2

// split is a request that was refused for its content.
type split struct {
	left    int // items of it that were not accepted in a part so far
	largest int // part that was accepted, in agents
}

// chunk is a request for some of r's items, with all tries ahead.
func (r *request) chunk(items []*item) *request {
	return &request{op: r.op, items: items, unclear: r.unclear, split: r.split}
}

// cut removes the first n items of r and returns them as a part.
func (r *request) cut(n int) *request {
	head := r.chunk(r.items[:n:n])
	r.items = r.items[n:]
	return head
}

// divide makes parts of a request that is not sent again as it was: halves if its
// content was refused, else one for each call. One of a single agent, or of a
// single call, is not divided.
func (l *lane) divide(r *request, open []*item, class Class, spent bool) (divided bool) {
	switch {
	case class == ClassContent && len(r.ids) > 1:
		r.split = &split{left: len(r.items)}
		half := (len(open) + 1) / 2
		l.halves = slices.Insert(l.halves, 0, r.chunk(open[:half:half]), r.chunk(open[half:]))
	case r.calls > 1 && (class == ClassOther || class == ClassBusy && spent):
		var chunks []*request
		for _, own := range byCall(open) {
			p := r.chunk(own)
			if class == ClassBusy { // it has one more try
				p.tries, p.answered = r.tries, true
			}
			chunks = append(chunks, p)
		}
		l.again = slices.Insert(l.again, 0, chunks...)
	default:
		return false
	}
	return true
}

// learnLimit notes that r was accepted. Once all parts of a refused request were,
// the server is assumed to accept no more agents than the largest of them had.
func (s *scheduler) learnLimit(r *request) {
	s.largest = max(s.largest, len(r.ids))
	if from := r.split; from != nil {
		from.left -= len(r.items)
		from.largest = max(from.largest, len(r.ids))
		if from.left == 0 {
			s.limit = min(s.limit, max(from.largest, s.largest))
		}
	}
}

// resend makes the next request of a lane from what was refused. It returns nil
// if all of that has been settled, while its agents are in flight for others, and
// while enough parts are in flight to learn whether anything is accepted.
func (s *scheduler) resend(l *lane) *request {
	for r := s.nextChunk(l); r != nil; r = s.nextChunk(l) {
		items := r.items
		r.items, r.ids = nil, nil
		later := s.load(r, items)
		if len(later) > 0 {
			l.again = append(l.again, r.chunk(later))
		}
		switch {
		case len(r.items) > 0:
			return r
		case len(later) > 0:
			return nil
		}
	}
	return nil
}

// nextChunk takes what is sent next out of l.again, then out of l.halves. While
// nothing has been accepted, only single agents of halves are sent.
func (s *scheduler) nextChunk(l *lane) *request {
	if len(l.halves) > 0 && len(l.again) == 0 {
		if !l.accepted {
			if probes := filter(s.inFlight, func(r *request) bool { return r.split != nil }); len(probes) >= maxProbes {
				return nil
			}
			return l.probe()
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
func (l *lane) probe() *request {
	p := slices.MaxFunc(l.halves, func(a, b *request) int { return len(a.items) - len(b.items) })
	n := len(p.items)
	if n > 2 {
		l.halves = append(l.halves, p.cut((n-1)/2))
	}
	if n > 1 {
		return p.cut(1)
	}
	l.halves = slices.DeleteFunc(l.halves, func(other *request) bool { return other == p })
	return p
}
