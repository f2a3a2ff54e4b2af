package deepcall

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// ValidateAgentID reports why id is not an agent ID. The API document requires
// no more than "string"; what is rejected here cannot have been meant: nothing
// at all, whitespace at either end, control and invisible characters.
func ValidateAgentID(id string) error {
	switch i := strings.IndexFunc(id, isInvisible); {
	case id == "":
		return errors.New("an agent ID is empty")
	case strings.TrimSpace(id) == "":
		return fmt.Errorf("the agent ID %q is blank", id)
	case i >= 0:
		return fmt.Errorf("the agent ID %+q contains the invisible character %U", id, []rune(id[i:])[0])
	case strings.TrimSpace(id) != id:
		return fmt.Errorf("the agent ID %q begins or ends with whitespace", id)
	case strings.ContainsFunc(id, unicode.IsControl):
		return fmt.Errorf("the agent ID %q contains a control character", id)
	}
	return nil
}

// isInvisible reports whether c takes no room in print: a byte order mark, or a
// character that joins or directs others.
func isInvisible(c rune) bool {
	return c == '\uFEFF' || (c >= '\u200B' && c <= '\u200F') || (c >= '\u202A' && c <= '\u202E') || (c >= '\u2060' && c <= '\u2069')
}
