package deepcall

import (
	"context"
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

// An address that never answers does not use up the request's time.
func TestConnectingHasATimeout(t *testing.T) {
	port := strconv.Itoa(blackHole(t, [4]byte{127, 0, 0, 1}))
	err := setOne(t, liveClient(t, "http://127.0.0.1:"+port, func(c *Config) { c.MaxRetries, c.RequestTimeout = 0, 400*time.Millisecond }))
	if e, ok := errors.AsType[*ConnectionError](err); !ok || !e.Unsent || e.Timeout || !strings.Contains(e.Cause, "i/o timeout") {
		t.Error(err)
	}
}

// Of two addresses, the second one gets its turn when the first never answers.
func TestSecondAddress(t *testing.T) {
	port := blackHole(t, [4]byte{127, 0, 0, 2})
	server, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 3), Port: port})
	if err != nil {
		t.Skip(err)
	}
	defer func() { _ = server.Close() }()
	accepted := make(chan struct{})
	go func() {
		if conn, err := server.Accept(); err == nil {
			close(accepted)
			_ = conn.Close()
		}
	}()
	resolver := nameServer(t, [4]byte{127, 0, 0, 2}, [4]byte{127, 0, 0, 3})
	before := net.DefaultResolver
	defer func() { net.DefaultResolver = before }()
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", resolver)
	}}
	err = setOne(t, liveClient(t, "https://two.example:"+strconv.Itoa(port), func(c *Config) { c.MaxRetries, c.RequestTimeout = 0, 8*time.Second }))
	select {
	case <-accepted:
	default:
		t.Errorf("nobody connects to the second address: %v", err)
	}
}

// nameServer answers every question for an IPv4 address with these.
func nameServer(t *testing.T, addresses ...[4]byte) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		for query := make([]byte, 512); ; {
			n, from, err := conn.ReadFrom(query)
			if err != nil {
				return
			}
			end := 12 // of the question, whose name is labels with lengths
			for query[end] != 0 {
				end += 1 + int(query[end])
			}
			end += 5
			if n < end {
				continue
			}
			// The same ID; a response, recursion available; one question, which is
			// repeated, and no additional records.
			answer := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, query[12:end]...)
			if query[end-3] == 1 { // type A
				answer[7] = byte(len(addresses))
				for _, a := range addresses {
					answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4)
					answer = append(answer, a[:]...)
				}
			}
			_, _ = conn.WriteTo(answer, from)
		}
	}()
	return conn.LocalAddr().String()
}
