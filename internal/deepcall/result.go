package deepcall

import "fmt"

// Result says what became of every agent of one call. Each is in exactly one of
// Confirmed, Kept and one Failure's lists.
type Result struct {
	Confirmed []string
	Kept      []string // of an unset: left on, because this client has confirmed them on
	Failures  []Failure
	// Warnings are messages of errors that named no agent, in an answer that
	// confirmed every agent.
	Warnings []string
}

// Failure is one reason for which agents were not confirmed.
type Failure struct {
	// Err is the reason: one of this package's errors, perhaps wrapped.
	Err error
	// AgentIDs were sent and not confirmed. An [AgentlessError] has none.
	AgentIDs []string
	// NotTried were not sent, because the same would have happened to them.
	NotTried []string
}

// Progress is how far a call has come.
type Progress struct {
	Requests  int   // sent so far that carried agents of this call
	Confirmed int   // agents
	Failed    int   // agents given up
	Total     int   // agents
	Err       error // why the last request failed as a whole, or nil
	Retried   bool  // whether it is retried, whole or in parts
}

// failures gathers reasons, each once, in the order in which they came up.
type failures struct {
	list []Failure
	at   map[string]int
}

// of returns the one for err.
func (f *failures) of(err error) *Failure {
	reason := fmt.Sprintf("%T %v", err, err)
	i, ok := f.at[reason]
	if !ok {
		if f.at == nil {
			f.at = map[string]int{}
		}
		i = len(f.list)
		f.at[reason] = i
		f.list = append(f.list, Failure{Err: err})
	}
	return &f.list[i]
}
