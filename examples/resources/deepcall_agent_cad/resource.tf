resource "deepcall_agent_cad" "support" {
  agent_ids = ["1", "14"]
}

# With labels, which appear in plans. Agents that are removed lose CAD.
resource "deepcall_agent_cad" "sales" {
  agents = {
    "27" = "Asha"
    "31" = "Ravi"
  }

  unset_on_removal = true
}

# Changing a trigger sends every agent again.
resource "deepcall_agent_cad" "night" {
  agent_ids = ["42"]

  triggers = {
    reset = "2026-01-15"
  }
}
