// Package acceptance holds tests of what needs processes: the provider's built
// binary, run by a real CLI (Terraform or OpenTofu), interrupted, killed, behind
// proxies, logging all it can. It has no code of its own.
package acceptance
