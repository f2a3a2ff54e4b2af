import {
  to = deepcall_agent_cad.support
  id = "1,14"
}

resource "deepcall_agent_cad" "support" {
  agent_ids = ["1", "14"]
}
