package deepcall

// Operation is one of the two calls of the API.
type Operation int

// The operations.
const (
	Set   Operation = iota // enables CAD
	Unset                  // disables CAD
)

// Endpoint is the last step of the operation's path.
func (o Operation) Endpoint() string {
	if o == Unset {
		return string(unsetCAD)
	}
	return string(setCAD)
}

// Path is what the operation's URL has after the base URL.
func (o Operation) Path() string { return "/" + apiPath + "/" + o.Endpoint() }

// Past is what the operation has done to CAD, as in "CAD was not enabled".
func (o Operation) Past() string {
	if o == Unset {
		return "disabled"
	}
	return "enabled"
}
