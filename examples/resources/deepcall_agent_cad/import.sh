# Agent IDs, separated by commas. Nothing is sent, and nothing is verified.
terraform import deepcall_agent_cad.support 1,14
