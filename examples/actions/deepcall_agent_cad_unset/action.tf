# Run by hand: terraform apply -invoke=action.deepcall_agent_cad_unset.support
action "deepcall_agent_cad_unset" "support" {
  config {
    agent_ids = ["1", "14"]
  }
}
