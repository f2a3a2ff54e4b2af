package deepcall

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// blackHole listens at an address and lets nobody connect: its queue is full.
func blackHole(t *testing.T, ip [4]byte) (port int) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: ip}), syscall.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	bound, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	port = bound.(*syscall.SockaddrInet4).Port
	for range 10 {
		conn, err := net.DialTimeout("tcp", net.JoinHostPort(netip.AddrFrom4(ip).String(), strconv.Itoa(port)), 100*time.Millisecond)
		if err != nil {
			return port
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	t.Skip("the queue of connections does not fill up")
	return 0
}

// An address that never answers does not use up the request's time: the dialer
// divides a time of its own among the addresses of a host.
func TestConnectingHasATimeout(t *testing.T) {
	port := strconv.Itoa(blackHole(t, [4]byte{127, 0, 0, 1}))
	err := setOne(t, liveClient(t, "http://127.0.0.1:"+port, func(c *Config) { c.MaxRetries, c.RequestTimeout = 0, 400*time.Millisecond }))
	if e, ok := errors.AsType[*ConnectionError](err); !ok || !e.Unsent || e.Timeout || !strings.Contains(e.Cause, "i/o timeout") {
		t.Error(err)
	}
}
