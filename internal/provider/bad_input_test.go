package provider_test

import (
	"strings"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// Bad input ends in an error at the attribute that it is in, before any request.

func TestBadBlock(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		block string // what it has beside a good base_url and credentials, or in their place
		at    string // the line that the error quotes
		fails string
	}{
		"base_url empty":               {`base_url = ""`, `base_url = ""`, "Invalid base URL"},
		"base_url without a scheme":    {`base_url = "api.example"`, `base_url = "api.example"`, "Invalid base URL"},
		"base_url of plain http":       {`base_url = "http://api.example"`, `base_url = "http://api.example"`, "Invalid base URL"},
		"base_url with user info":      {`base_url = "https://me:pass@api.example"`, `base_url = "https://me:pass@api.example"`, "Invalid base URL"},
		"base_url with a query":        {`base_url = "https://api.example?a=b"`, `base_url = "https://api.example?a=b"`, "Invalid base URL"},
		"base_url with a fragment":     {`base_url = "https://api.example#top"`, `base_url = "https://api.example#top"`, "Invalid base URL"},
		"base_url already complete":    {`base_url = "https://api.example/api/v2/Agent/setCad"`, `base_url = "https://api.example/api/v2/Agent/setCad"`, "Invalid base URL"},
		"base_url complete but a step": {`base_url = "https://api.example/api/v2/Agent/"`, `base_url = "https://api.example/api/v2/Agent/"`, "Invalid base URL"},
		"ssid empty":                   {`ssid = ""`, `ssid = ""`, "Invalid credential"},
		"user_id empty":                {"user_id = \"\"\ntoken = \"t\"", `user_id = ""`, "Invalid credential"},
		"token empty":                  {"user_id = \"u\"\ntoken = \"\"", `token = ""`, "Invalid credential"},
		"both credentials":             {"ssid = \"s\"\nuser_id = \"u\"\ntoken = \"t\"", `ssid = "s"`, "Conflicting credentials"},
		"ssid with a token":            {"ssid = \"s\"\ntoken = \"t\"", `ssid = "s"`, "Conflicting credentials"},
		"batch_size zero":              {"ssid = \"s\"\nbatch_size = 0", `batch_size = 0`, "Invalid number"},
		"batch_size negative":          {"ssid = \"s\"\nbatch_size = -1", `batch_size = -1`, "Invalid number"},
		"batch_size not whole":         {"ssid = \"s\"\nbatch_size = 1.5", `batch_size = 1.5`, "Invalid number"},
		"max_retries negative":         {"ssid = \"s\"\nmax_retries = -1", `max_retries = -1`, "Invalid number"},
		"no concurrent request":        {"ssid = \"s\"\nmax_concurrent_requests = 0", `max_concurrent_requests = 0`, "Invalid number"},
		"request_timeout no duration":  {"ssid = \"s\"\nrequest_timeout = \"soon\"", `request_timeout = "soon"`, "Invalid duration"},
		"request_timeout a number":     {"ssid = \"s\"\nrequest_timeout = 60", `request_timeout = 60`, "Invalid duration"},
		"request_timeout zero":         {"ssid = \"s\"\nrequest_timeout = \"0s\"", `request_timeout = "0s"`, "Invalid duration"},
		"request_timeout negative":     {"ssid = \"s\"\nrequest_timeout = \"-5s\"", `request_timeout = "-5s"`, "Invalid duration"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := deepcalltest.Start(t)
			block := c.block
			if !strings.Contains(block, "base_url") {
				block += "\nbase_url = \"" + api.URL() + "\""
			} else {
				block += "\nssid = \"s\""
			}
			run(t, api, step{
				config: "provider \"deepcall\" {\n" + block + "\n}\n" + cad("a", set.hcl("1")),
				fails:  []string{c.fails, c.at},
			})
		})
	}
}

func TestBadAgents(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ attributes, at, fails string }{
		"neither attribute":        {"", `resource "deepcall_agent_cad" "a" {`, "agent_ids"},
		"both attributes":          {"agent_ids = [\"1\"]\nagents = { \"1\" = \"\" }", `agents = { "1" = "" }`, "agent_ids"},
		"no agent":                 {`agent_ids = []`, `agent_ids = []`, "agent"},
		"no agent with a label":    {`agents = {}`, `agents = {}`, "agent"},
		"an empty ID":              {`agent_ids = ["1", ""]`, `agent_ids = ["1", ""]`, "an agent ID is empty"},
		"a blank ID":               {`agent_ids = ["  "]`, `agent_ids = ["  "]`, `the agent ID "  " is blank`},
		"white space before an ID": {`agent_ids = [" 1"]`, `agent_ids = [" 1"]`, `the agent ID " 1" has white space at an end`},
		"a line break after an ID": {`agent_ids = ["1\n"]`, `agent_ids = ["1\n"]`, `the agent ID "1\n" has white space at an end`},
		"a control character":      {`agent_ids = ["1\u0007"]`, `agent_ids = ["1\u0007"]`, `the agent ID "1\a" contains a control character`},
		"a null ID":                {`agent_ids = ["1", null]`, `agent_ids = ["1", null]`, "null"},
		"an empty key":             {`agents = { "" = "x" }`, `agents = { "" = "x" }`, "an agent ID is empty"},
		"white space before a key": {`agents = { " 1" = "x" }`, `agents = { " 1" = "x" }`, `the agent ID " 1" has white space at an end`},
		"a null label":             {`agents = { "1" = null }`, `agents = { "1" = null }`, `A label must not be null`},
		// Core quotes no line inside an attribute, so the text has to name it.
		"a timeout that is none": {
			"agent_ids = [\"1\"]\ntimeouts = { create = \"soon\" }", `in resource "deepcall_agent_cad" "a"`, `"soon"`,
		},
		"a timeout of zero": {
			"agent_ids = [\"1\"]\ntimeouts = { update = \"0s\" }", `in resource "deepcall_agent_cad" "a"`, `timeouts.update is "0s"`,
		},
		"a negative timeout": {
			"agent_ids = [\"1\"]\ntimeouts = { delete = \"-1m\" }", `in resource "deepcall_agent_cad" "a"`, `timeouts.delete is "-1m"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := deepcalltest.Start(t)
			run(t, api, step{
				config: config(api, ssid, cad("a", c.attributes)),
				fails:  []string{c.at, c.fails},
			})
		})
	}
}

// What is bad and known only at apply fails there, still before a request.
func TestBadAgentsKnownAtApply(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ attributes, fails string }{
		"an element":    {`agent_ids = ["1", terraform_data.given.output.blank]`, `the agent ID "  " is blank`},
		"the whole set": {`agent_ids = terraform_data.given.output.none`, "agent_ids"},
		"the whole map": {`agents = terraform_data.given.output.blanks`, `the agent ID "  " is blank`},
		"a label":       {`agents = { "1" = terraform_data.given.output.null }`, "null"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := deepcalltest.Start(t)
			given := `resource "terraform_data" "given" { input = { blank = "  ", none = toset([]), blanks = { "  " = "" }, null = null } }`
			run(t, api, step{
				config: config(api, ssid, given, cad("a", c.attributes)),
				fails:  []string{c.fails},
			})
		})
	}
}

// validate needs no credentials, and neither a provider block.
func TestValidateNeedsNoCredentials(t *testing.T) {
	clearEnvironment(t)
	p := startProtocol(t)
	said(t, p.ValidateBlock(object{}))
	said(t, p.Validate(set.with([]string{"1"})))
	said(t, p.Validate(object{"agent_ids": []string{}}), "ERROR No agents")
}
