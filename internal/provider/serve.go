package provider

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/deepcall/terraform-provider-deepcall/internal/roster"
)

// Address is where registries serve the provider.
const Address = "registry.terraform.io/deepcall/deepcall"

// Serve answers the CLI over its protocol until the CLI ends it.
func Serve(version string, debug bool) error {
	server, err := Server(New(version, nil))
	if err != nil {
		return err
	}
	var options []tf6server.ServeOpt
	if debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	return tf6server.Serve(Address, func() tfprotov6.ProviderServer { return server }, options...)
}

// Server returns the protocol server that a CLI talks to.
func Server(p provider.Provider) (tfprotov6.ProviderServer, error) {
	server, err := roster.NewServer(providerserver.NewProtocol6(p)(), agentIDsAttribute, agentsAttribute)
	if err != nil {
		return nil, err
	}
	return &interruptible{Server: server}, nil
}

// reportTime is how long a stop waits for invocations to report.
const reportTime = 5 * time.Second

// interruptible makes an interrupted action fail. The protocol library drops the
// last event of an invocation whose context has ended, so the CLI would treat it
// as a success. A stop therefore ends the invocations first, and everything
// else when they have reported.
type interruptible struct {
	roster.Server

	mu          sync.Mutex
	stopped     bool
	invocations []invocation
}

type invocation struct {
	cancel   context.CancelFunc
	reported chan struct{} // closed in the end
}

func (i invocation) end() {
	i.cancel()
	close(i.reported)
}

// ConfigureProvider begins a run, of which a process that a debugger keeps has
// several.
func (s *interruptible) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	s.mu.Lock()
	s.stopped = false
	s.mu.Unlock()
	return s.Server.ConfigureProvider(ctx, req)
}

// InvokeAction gives the invocation a context of its own.
func (s *interruptible) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	ctx, cancel := context.WithCancel(ctx)
	i := invocation{cancel, make(chan struct{})}
	s.mu.Lock()
	s.invocations = append(s.invocations, i)
	if s.stopped {
		cancel()
	}
	s.mu.Unlock()

	stream, err := s.Server.InvokeAction(ctx, req)
	if err != nil {
		i.end()
		return stream, err
	}
	events := stream.Events
	stream.Events = func(push func(tfprotov6.InvokeActionEvent) bool) {
		defer i.end()
		events(push)
	}
	return stream, nil
}

// StopProvider waits for the invocations that it cancels.
func (s *interruptible) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	s.mu.Lock()
	s.stopped = true
	invocations := s.invocations
	s.mu.Unlock()
	for _, i := range invocations {
		i.cancel()
	}
	waiting, cancel := context.WithTimeout(ctx, reportTime)
	defer cancel()
	for _, i := range invocations {
		select {
		case <-i.reported:
		case <-waiting.Done():
		}
	}
	return s.Server.StopProvider(ctx, req)
}
