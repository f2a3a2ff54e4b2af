package deepcall

// Operation is one of the two calls of the Agent API that this package makes.
type Operation int

// The operations. The vendor documents the first one in full ("Set Agent CAD");
// the second is assumed to take the same request and return the same response.
const (
	Set Operation = iota
	Unset
)

// apiPath precedes an endpoint's name ("Base URL" of the API document).
const apiPath = "/api/v2/Agent/"

// Endpoint is the last element of the operation's URL path.
func (o Operation) Endpoint() string {
	if o == Unset {
		return "unsetCad"
	}
	return "setCad"
}

// Path is what the operation appends to the base URL.
func (o Operation) Path() string { return apiPath + o.Endpoint() }

// Past completes the sentence "CAD was … for 2 agents".
func (o Operation) Past() string {
	if o == Unset {
		return "disabled"
	}
	return "enabled"
}
