package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// standin is a running stand-in of the API.
type standin struct {
	url     string
	command *exec.Cmd
	drained chan struct{}
}

// greeting is how the first line of its output begins; the address follows.
const greeting = "DeepCall stand-in at "

// startStandin starts a stand-in that waits that long before each answer.
func (l *lab) startStandin(ctx context.Context, latency time.Duration) (*standin, error) {
	command := exec.CommandContext(ctx, l.tools.standin, "-listen", "127.0.0.1:0", "-latency", latency.String()) //nolint:gosec // the caller names it
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	s := &standin{command: command, drained: make(chan struct{})}
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	go func() {
		defer close(s.drained)
		_, _ = io.Copy(io.Discard, lines) // a line for each request, which must not hold it up
	}()
	url, ok := strings.CutPrefix(strings.TrimSpace(first), greeting)
	if err != nil || !ok {
		return nil, errors.Join(fmt.Errorf("the stand-in began with %q", first), err, s.close())
	}
	s.url = url
	return s, nil
}

func (s *standin) close() error {
	if err := s.command.Process.Signal(syscall.SIGINT); err != nil {
		return err
	}
	<-s.drained
	return s.command.Wait()
}

// traffic is what reached the stand-in.
type traffic struct {
	requests int
	// time is from the first request's arrival to the last one's, and the latency
	// that the last one was answered after.
	time time.Duration
}

// traffic counts the setCad requests since the start. The others are an error:
// nothing here asks for them.
func (s *standin) traffic(ctx context.Context, latency time.Duration) (traffic, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/_standin/requests", http.NoBody)
	if err != nil {
		return traffic{}, err
	}
	response, err := (&http.Client{Timeout: time.Minute}).Do(request)
	if err != nil {
		return traffic{}, err
	}
	defer func() { _ = response.Body.Close() }()
	var seen []struct {
		At       time.Time
		Endpoint string
		Status   int
	}
	if err := json.NewDecoder(response.Body).Decode(&seen); err != nil {
		return traffic{}, fmt.Errorf("the stand-in's list of requests: %w", err)
	}
	if len(seen) == 0 {
		return traffic{}, errors.New("no request reached the stand-in")
	}
	for _, r := range seen {
		if r.Endpoint != "setCad" || r.Status != http.StatusOK {
			return traffic{}, fmt.Errorf("a request to %q was answered with HTTP %d", r.Endpoint, r.Status)
		}
	}
	return traffic{requests: len(seen), time: seen[len(seen)-1].At.Sub(seen[0].At) + latency}, nil
}
