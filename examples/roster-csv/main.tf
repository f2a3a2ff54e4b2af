terraform {
  required_providers {
    deepcall = {
      source  = "deepcall/deepcall"
      version = ">= 0.0.1"
    }
  }
}

provider "deepcall" {}

resource "deepcall_agent_cad" "roster" {
  agents = { for r in csvdecode(file("agents.csv")) : r.agentId => r.name }
}
