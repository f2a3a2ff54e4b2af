package chaos_test

import (
	"bytes"
	"regexp"
	"strings"
	"sync"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// chaosLog reads the provider's log as it is written.
type chaosLog struct {
	mu      sync.Mutex
	lines   int
	givenUp int // requests to unsetCad that the current run has not awaited
	leaked  string
}

var givenUpLine = regexp.MustCompile(`"error":"[^"]*(request_timeout|context)`)

func (l *chaosLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines++
	if bytes.Contains(line, []byte(`"endpoint":"unsetCad"`)) && givenUpLine.Match(line) {
		l.givenUp++
	}
	if showsSecret(string(line)) {
		l.leaked = string(line)
	}
	return len(line), nil
}

func (l *chaosLog) read() (lines, givenUp int, leaked string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines, l.givenUp, l.leaked
}

func (l *chaosLog) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines, l.givenUp = 0, 0
}

// What makes a secret is known again in every encoding and in pieces: the ends
// are letters and digits, and between them stands what encodings change.
const secretHead, secretTail = "c4naryHead", "c4naryTail"

func canarySecret(which string) string {
	return secretHead + which + "\"\\/+&<é%25 ' " + secretTail
}

var canaryLogins = []deepcalltest.Credentials{
	{SSID: canarySecret("ssid")},
	{UserID: "u-1", Token: canarySecret("token")},
}

// showsSecret reports whether text holds a piece of a secret.
func showsSecret(text string) bool {
	return strings.Contains(text, secretHead) || strings.Contains(text, secretTail)
}
