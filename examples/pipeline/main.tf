terraform {
  required_version = ">= 1.5"

  required_providers {
    deepcall = {
      source = "deepcall/deepcall"
    }
  }

  # Runs on different machines need a shared state with a lock: put your backend
  # in place of this one.
  backend "local" {}
}

# The pipeline's secrets are in the environment, as DEEPCALL_USER_ID and
# DEEPCALL_TOKEN.
provider "deepcall" {
  max_retries = 6
}

resource "deepcall_agent_cad" "roster" {
  agents = { for r in csvdecode(file("agents.csv")) : r.agentId => r.name }

  # End with an error that says what is left, before the pipeline ends the job.
  timeouts = {
    create = "10m"
    update = "10m"
  }
}

output "agents" {
  description = "How many agents were confirmed."
  value       = length(deepcall_agent_cad.roster.agents)
}
