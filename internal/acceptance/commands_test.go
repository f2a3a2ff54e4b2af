//go:build unix

package acceptance_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/deepcall/terraform-provider-deepcall/internal/clitest"
	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

const (
	imports  = "import {\n  to = deepcall_agent_cad.a\n  id = \"1,2\"\n}\n"
	imported = "1 imported, 0 added, 0 changed, 0 destroyed"
)

// What the CLI's commands and options come to. A plan and a refresh send
// nothing, whatever has become of the agents.
var commands = map[string][]command{
	"exit codes of plan": {
		{config: cad("a", "1 2"), args: detailed, exit: 2},
		{set: "1 2", state: "a 1 2"},
		{args: detailed},
		{says: "0 added, 0 changed, 0 destroyed"},
		{config: cad("a", ""), args: detailed, exit: 1, says: "Invalid agent ID"},
	},
	"a saved plan, applied late": {
		{config: live("a", "1 2 3 4"), set: "1 2 3 4", state: "a 1 2 3 4"},
		{config: live("a", "3 4 5 6"), args: "plan -out=late"},
		{config: live("a", "7"), args: "apply late", off: "1 3", set: "5 6", unset: "1 2", state: "a 3 4 5 6"},
		{args: "apply late", exit: 1, says: "Saved plan is stale"},
		{set: "7", unset: "3 4 5 6", state: "a 7"},
	},
	"refresh": {
		{config: live("a", "1 2"), set: "1 2", state: "a 1 2"},
		{config: live("a", "2 3"), args: applies + "-refresh-only", off: "1"},
		{args: "plan -refresh-only"},
	},
	"-target": {
		{config: cad("a", "1 2") + cad("b", "3 4"), args: applies + "-target=deepcall_agent_cad.b", set: "3 4", state: "b 3 4"},
		{set: "1 2", state: "a 1 2; b 3 4"},
		{args: destroys + "-target=deepcall_agent_cad.a", state: "b 3 4"},
	},
	"state rm": {
		{config: live("a", "1 2"), set: "1 2", state: "a 1 2"},
		{args: "state rm deepcall_agent_cad.a", empty: true},
		{set: "1 2", state: "a 1 2"},
		{args: destroys, unset: "1 2", empty: true},
	},
	"import": {
		{config: imports + cad("a", "1 2"), off: "1 2", state: "a 1 2", says: imported},
		{args: detailed},
	},
	"import, generated": {
		{config: imports, args: "plan -generate-config-out=generated.tf", says: "1 to import, 0 to add, 0 to change, 0 to destroy ... Imported without verification"},
		{args: "fmt -check generated.tf"},
		{off: "1 2", state: "a 1 2", says: imported},
		{args: detailed},
	},
}

func TestCommands(t *testing.T) {
	t.Parallel()
	runAll(t, "command", commands)
}

var (
	pairs = provider("batch_size = 2")
	nine  = "1 2 3 4 5 6 7 8 9"
)

// interrupted is a create that is stopped while the fourth request is on its way.
func interrupted(how func(*clitest.Process) error) []command {
	return []command{
		{config: pairs + cad("a", nine), hangs: 4, stop: how, exit: 1, set: "1 2 3 4 5 6 7 8", state: "a tainted 1 2 3 4 5 6",
			says: "the run was interrupted ... CAD was not enabled for 3 of 9 agents ... " +
				"State lists 6 agents. Terraform marks the resource as tainted, and the next apply replaces it"},
		{set: nine, state: "a " + nine},
		{args: detailed},
	}
}

var interrupts = map[string][]command{
	"of the CLI":      interrupted((*clitest.Process).Interrupt),
	"from a terminal": interrupted((*clitest.Process).InterruptGroup),
	// Needs Terraform 1.14; TestInterruptedActionIsToldToCore does not. Core ends
	// with words of its own if it hears of the interrupt before the provider.
	"of an action": {
		{config: provider("batch_size = 1") + "action \"deepcall_agent_cad_set\" \"a\" {\n  config {\n    agent_ids = [\"1\", \"2\", \"3\"]\n  }\n}\n",
			args:  applies + "-invoke=action.deepcall_agent_cad_set.a",
			hangs: 2, stop: (*clitest.Process).Interrupt, exit: 1, set: "1 2"},
	},
	"provider killed in a create": {
		{config: pairs + cad("a", nine), hangs: 2, stop: (*clitest.Process).KillProvider, exit: 1, set: "1 2 3 4"},
		{set: nine, state: "a " + nine},
	},
	"provider killed in an update": {
		{config: pairs + live("a", "1 2 3"), set: "1 2 3", state: "a 1 2 3"},
		{config: pairs + live("a", "3 4 5 6 7 8"), hangs: 2, stop: (*clitest.Process).KillProvider, exit: 1, set: "4 5 6 7"},
		{set: "4 5 6 7 8", unset: "1 2", state: "a 3 4 5 6 7 8"},
	},
	"timeout": {
		{config: pairs + cad("a", nine, `timeouts = { create = "2s" }`), hangs: 3, exit: 1, set: "1 2 3 4 5 6", state: "a tainted 1 2 3 4",
			says: "Operation timed out ... CAD was not enabled for 5 of 9 agents: the operation's timeout was exceeded"},
		{args: "untaint deepcall_agent_cad.a", state: "a 1 2 3 4"},
		{set: "5 6 7 8 9", state: "a " + nine},
	},
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	runAll(t, "interrupt", interrupts)
}

// TestDevelopmentOverride: a build is used where it is, without init.
func TestDevelopmentOverride(t *testing.T) {
	t.Parallel()
	builds, err := filepath.Glob(box.Mirror() + "/*/deepcall/deepcall/*/*")
	must(t, err)
	api := deepcalltest.Start(t)
	w := box.Test(t)
	w.Env["TF_CLI_CONFIG_FILE"], w.Env["DEEPCALL_BASE_URL"], w.Env["DEEPCALL_SSID"] = w.Path("cli.tfrc"), api.URL(), "a-session"
	w.Write("cli.tfrc", "provider_installation {\n  dev_overrides {\n    \"deepcall/deepcall\" = \""+builds[0]+"\"\n  }\n}\n")
	w.Write("main.tf", required+cad("a", "1 2"))
	w.Exits(0, "apply", "-auto-approve").Says(t, "Provider development overrides are in effect")
	if got := inventory(w.State()); got != "a 1 2" {
		t.Errorf("state is %q", got)
	}
}

// TestReplaceWhileAnotherDisables: agent 2 leaves "a" while "b", which is
// tainted, has disabled 9 and is about to be created again. Whichever comes
// first, an agent that is off is in no state.
func TestReplaceWhileAnotherDisables(t *testing.T) {
	t.Parallel()
	api := deepcalltest.Start(t)
	api.Refuse("Invalid AgentID", "3")
	w := newWorkspace(t, api.URL(), live("a", "1 2")+live("b", "2 3 9"))
	w.Exits(1, "apply", "-auto-approve")
	w.Write("main.tf", live("a", "1")+live("b", "2 3"))
	api.SetLatency(100 * time.Millisecond)
	api.FailWhen(func(r deepcalltest.Request) deepcalltest.Fault {
		if r.Endpoint == "setCad" {
			return deepcalltest.Code(1507, "Invalid AgentID")
		}
		return nil
	})
	w.Exits(1, "apply", "-auto-approve")
	if ids := off(w.State(), api); len(ids) > 0 {
		t.Errorf("agents %s are in state, and off", ids)
	}
}
