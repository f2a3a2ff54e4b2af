package deepcall

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Credentials are one of the two ways to authenticate ("Authentication" of the
// API document). They print as a placeholder under every verb.
type Credentials struct {
	// A function, so that printing a struct that holds Credentials in an
	// unexported field shows an address: fmt calls no methods there.
	fields func() credentialFields
}

// The order of the fields is that of the document's request examples.
type credentialFields struct {
	SSID   string `json:"ssid,omitempty"`
	UserID string `json:"userId,omitempty"`
	Token  string `json:"token,omitempty"`
}

// SessionID authenticates with a session ID, which belongs to a login and
// expires.
func SessionID(ssid string) Credentials {
	return Credentials{func() credentialFields { return credentialFields{SSID: ssid} }}
}

// UserToken authenticates with a user ID and its token, which do not expire.
func UserToken(userID, token string) Credentials {
	return Credentials{func() credentialFields { return credentialFields{UserID: userID, Token: token} }}
}

// Expires reports whether these are a session ID.
func (c Credentials) Expires() bool { return c.fields != nil && c.fields().SSID != "" }

// Format prints a placeholder whatever the verb.
func (c Credentials) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, hidden)
}

// MarshalJSON gives the placeholder too; only a request's body, which is made
// elsewhere, holds the values.
func (c Credentials) MarshalJSON() ([]byte, error) {
	return []byte(`"` + hidden + `"`), nil
}

// secrets are the values that no text may show. The user ID is not secret.
func (c Credentials) secrets() []string {
	if c.fields == nil {
		return nil
	}
	return []string{c.fields().SSID, c.fields().Token}
}

// ValidateCredential reports why value cannot be a session ID, user ID or token.
// Its error does not repeat the value.
func ValidateCredential(value string) error {
	switch {
	case strings.TrimSpace(value) == "":
		return errors.New("it is blank")
	case strings.TrimSpace(value) != value:
		return errors.New("it begins or ends with whitespace, such as the newline at the end of a file")
	case strings.ContainsFunc(value, unicode.IsControl):
		return errors.New("it contains a control character")
	}
	return nil
}
