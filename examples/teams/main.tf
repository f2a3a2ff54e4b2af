terraform {
  required_providers {
    deepcall = {
      source = "deepcall/deepcall"
    }
  }
}

provider "deepcall" {}

variable "teams" {
  description = "Agent IDs by team."
  type        = map(set(string))
  default = {
    sales   = ["27", "31"]
    support = ["1", "14"]
  }
}

# The teams are resources of their own, but their agents share requests.
resource "deepcall_agent_cad" "team" {
  for_each = var.teams

  agent_ids = each.value
}
