package deepcall

import "fmt"

// Result says what became of every agent of one call. Each stands in just one
// of Confirmed, Kept and one Failure's lists.
type Result struct {
	Confirmed []string
	Kept      []string // of UnsetCAD: not sent, because this client was asked to set them
	Failures  []Failure
}

// Failure is one reason for which agents were not confirmed.
type Failure struct {
	// Err is the reason: one of this package's error types, or the context's
	// error if the call was cut short.
	Err error
	// AgentIDs were sent and not confirmed. There are none if the API reported
	// an error that names no agent, or before any request was sent.
	AgentIDs []string
	// NotTried were not sent, because Err would have met them too.
	NotTried []string
}

// Progress is how far a call has come.
type Progress struct {
	Requests  int   // sent so far that carried agents of this call
	Confirmed int   // agents
	Failed    int   // agents given up
	Total     int   // agents
	Err       error // why the last request failed as a whole, or nil
	Retried   bool  // whether it is tried again
}

// failures gathers reasons, each once, in the order in which they came up.
type failures struct {
	list []Failure
	at   map[string]int
}

func (f *failures) add(err error, agentIDs, notTried []string) {
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
	f.list[i].AgentIDs = append(f.list[i].AgentIDs, agentIDs...)
	f.list[i].NotTried = append(f.list[i].NotTried, notTried...)
}
