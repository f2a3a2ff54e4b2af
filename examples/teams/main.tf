terraform {
  required_providers {
    deepcall = {
      source  = "deepcall/deepcall"
      version = ">= 0.0.1"
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

# Each team is a resource of its own; their agents can share requests.
resource "deepcall_agent_cad" "team" {
  for_each = var.teams

  agent_ids = each.value
}
