package deepcall

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// ValidateAgentID reports what keeps id from being an agent ID. The API
// document gives no form beyond "string"; what is refused here cannot have been
// meant: nothing at all, white space at an end, control characters.
func ValidateAgentID(id string) error {
	switch {
	case id == "":
		return errors.New("an agent ID is empty")
	case strings.TrimSpace(id) == "":
		return fmt.Errorf("the agent ID %q is blank", id)
	case strings.TrimSpace(id) != id:
		return fmt.Errorf("the agent ID %q has white space at an end", id)
	case strings.ContainsFunc(id, unicode.IsControl):
		return fmt.Errorf("the agent ID %q has a control character", id)
	}
	return nil
}
