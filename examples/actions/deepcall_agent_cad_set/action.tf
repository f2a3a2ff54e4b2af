# Run by hand: terraform apply -invoke=action.deepcall_agent_cad_set.support
action "deepcall_agent_cad_set" "support" {
  config {
    agent_ids = ["1", "14"]
  }
}
