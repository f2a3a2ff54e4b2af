terraform {
  required_version = ">= 1.5"

  required_providers {
    deepcall = {
      source  = "deepcall/deepcall"
      version = ">= 0.0.1"
    }
  }

  # Replace this with your backend: runs on different machines need shared state
  # with locking.
  backend "local" {}
}

# The pipeline sets DEEPCALL_USER_ID and DEEPCALL_TOKEN for the apply step.
provider "deepcall" {
  max_retries = 6
}

resource "deepcall_agent_cad" "roster" {
  agents = { for r in csvdecode(file("agents.csv")) : r.agentId => r.name }

  # Fail with an error that says what is left before the pipeline kills the job.
  timeouts = {
    create = "10m"
    update = "10m"
  }
}

output "agents" {
  description = "Number of confirmed agents."
  value       = length(deepcall_agent_cad.roster.agents)
}
