resource "deepcall_agent_cad" "support" {
  agent_ids = ["1", "14"]
}

# With a label for each agent, which plans show, and with CAD disabled for agents
# that leave.
resource "deepcall_agent_cad" "sales" {
  agents = {
    "27" = "Asha"
    "31" = "Ravi"
  }

  unset_on_removal = true
}

# Sends its agents again whenever the trigger changes.
resource "deepcall_agent_cad" "night" {
  agent_ids = ["42"]

  triggers = {
    reset = "2026-01-15"
  }
}
