# Requires a Vault server, and Terraform 1.10 or OpenTofu 1.11 for "ephemeral".
terraform {
  required_version = ">= 1.10"

  required_providers {
    deepcall = {
      source  = "deepcall/deepcall"
      version = ">= 0.0.1"
    }
    vault = {
      source  = "hashicorp/vault"
      version = ">= 5.0"
    }
  }
}

# Address and login come from the environment, such as VAULT_ADDR and VAULT_TOKEN.
provider "vault" {}

# Read during every plan and apply, and stored in neither plan nor state.
ephemeral "vault_kv_secret_v2" "deepcall" {
  mount = "secret"
  name  = "deepcall"
}

provider "deepcall" {
  user_id = ephemeral.vault_kv_secret_v2.deepcall.data.user_id
  token   = ephemeral.vault_kv_secret_v2.deepcall.data.token
}

resource "deepcall_agent_cad" "support" {
  agent_ids = ["1", "14"]
}
