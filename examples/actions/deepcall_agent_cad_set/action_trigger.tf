# Runs by itself whenever the shift changes.
variable "shift" {
  type    = string
  default = "day"
}

locals {
  agents = {
    day   = ["1", "14"]
    night = ["27", "31"]
  }
}

action "deepcall_agent_cad_set" "shift" {
  config {
    agent_ids = local.agents[var.shift]
  }
}

resource "terraform_data" "shift" {
  input = var.shift

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.deepcall_agent_cad_set.shift]
    }
  }
}
