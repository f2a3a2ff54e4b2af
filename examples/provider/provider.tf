terraform {
  required_providers {
    deepcall = {
      source  = "deepcall/deepcall"
      version = ">= 0.0.1"
    }
  }
}

# Credentials come from the environment: DEEPCALL_USER_ID and DEEPCALL_TOKEN, or
# DEEPCALL_SSID.
provider "deepcall" {}

resource "deepcall_agent_cad" "support" {
  agent_ids = ["1", "14"]
}
