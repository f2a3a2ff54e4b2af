// Package docs holds what the documents claim against what they claim
// it of: the diagnostics, the schema, the Makefile, the tests, the tools and the
// files of this repository. It has no code of its own.
//
// That the samples in the documents work is tested by internal/examples; that
// docs/ is what its templates give, by "make check-generated".
package docs
