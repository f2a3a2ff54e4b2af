package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/clitest"
)

var box *clitest.Box

func TestMain(m *testing.M) { clitest.Main(m, &box) }

// The schema is what a CLI prints of the same provider, but for the actions,
// which few CLIs print; they are written as the resources are.
func TestCLIPrintsTheSame(t *testing.T) {
	w := box.Test(t)
	w.Write("main.tf", "terraform {\n  required_providers {\n    deepcall = { source = \"deepcall/deepcall\" }\n  }\n}\n")
	w.Exits(0, "init")
	printed := w.Exits(0, "providers", "schema", "-json").Output
	var own bytes.Buffer
	if err := write(&own); err != nil {
		t.Fatal(err)
	}
	var want, got struct {
		Providers map[string]map[string]any `json:"provider_schemas"`
	}
	if err := errors.Join(json.Unmarshal([]byte(printed), &want), json.Unmarshal(own.Bytes(), &got)); err != nil {
		t.Fatal(err)
	}
	for _, theirs := range want.Providers {
		ours := got.Providers["deepcall"]
		delete(ours, "action_schemas")
		delete(theirs, "action_schemas")
		if !reflect.DeepEqual(ours, theirs) {
			t.Errorf("the schema is\n%v\nand the CLI's\n%v", ours, theirs)
		}
	}
	if len(want.Providers) != 1 {
		t.Errorf("the CLI knows the providers %v", want.Providers)
	}
}
