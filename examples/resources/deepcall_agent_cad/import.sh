# The agents' IDs, with commas between them. Nothing is sent, and nothing can
# check whether these agents have CAD.
terraform import deepcall_agent_cad.support 1,14
