package provider_test

import (
	"testing"
)

// TestConfigurationDiagnostics pins what the user reads of a configuration that
// cannot be used.
func TestConfigurationDiagnostics(t *testing.T) {
	clearEnvironment(t)
	g := readGolden(t, "testdata/diagnostics/configuration.txt")
	good := object{"ssid": "s"}
	with := func(more object) object {
		o := object{}
		for _, from := range []object{good, more} {
			for name, value := range from {
				o[name] = value
			}
		}
		return o
	}
	for name, c := range map[string]struct {
		block object // of the provider
		env   map[string]string
		at    string // the attribute of the one error
	}{
		"no credentials":              {block: object{}},
		"both in the block":           {block: object{"ssid": "s", "user_id": "u"}, at: "ssid"},
		"both in the environment":     {block: object{}, env: map[string]string{"DEEPCALL_SSID": "s", "DEEPCALL_USER_ID": "u", "DEEPCALL_TOKEN": "t"}},
		"no token":                    {block: object{"user_id": "u"}, at: "token"},
		"no user ID":                  {block: object{}, env: map[string]string{"DEEPCALL_TOKEN": "t"}, at: "user_id"},
		"empty ssid":                  {block: object{"ssid": ""}, at: "ssid"},
		"empty token":                 {block: object{"user_id": "u", "token": ""}, at: "token"},
		"empty user_id":               {block: object{"user_id": "", "token": "t"}, at: "user_id"},
		"base_url without a scheme":   {block: with(object{"base_url": "api.example"}), at: "base_url"},
		"base_url of plain http":      {block: with(object{"base_url": "http://api.example"}), at: "base_url"},
		"base_url with a password":    {block: with(object{"base_url": "https://me:pa55@api.example"}), at: "base_url"},
		"base_url already complete":   {block: with(object{"base_url": "https://api.example/x/api/v2/Agent/setCad"}), at: "base_url"},
		"base_url empty":              {block: with(object{"base_url": ""}), at: "base_url"},
		"base URL in the environment": {block: good, env: map[string]string{"DEEPCALL_BASE_URL": "ftp://api.example"}},
		"request_timeout no duration": {block: with(object{"request_timeout": "soon"}), at: "request_timeout"},
		"request_timeout zero":        {block: with(object{"request_timeout": "0s"}), at: "request_timeout"},
		"batch_size zero":             {block: with(object{"batch_size": 0}), at: "batch_size"},
		"batch_size not whole":        {block: with(object{"batch_size": 2.5}), at: "batch_size"},
		"batch_size too large":        {block: with(object{"batch_size": 1 << 40}), at: "batch_size"},
		"max_retries negative":        {block: with(object{"max_retries": -1}), at: "max_retries"},
		"no concurrent requests":      {block: with(object{"max_concurrent_requests": 0}), at: "max_concurrent_requests"},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range c.env {
				t.Setenv(variable, value)
			}
			p := startProtocol(t)
			diags := p.ValidateBlock(c.block)
			if diags == nil {
				diags = p.Configure(c.block)
			}
			if len(diags) != 1 || !diags.HaveError() || diags[0].Path != c.at {
				t.Errorf("not one error at %q:\n%s", c.at, diags)
			}
			g.compare(t, name, diags.String())
		})
	}

	for name, c := range map[string]struct {
		config object // of the resource
		at     string
	}{
		"neither attribute":        {object{}, ""},
		"both attributes":          {object{"agent_ids": []string{"1"}, "agents": map[string]string{"1": ""}}, "agents"},
		"no agents":                {object{"agent_ids": []string{}}, "agent_ids"},
		"no labelled agents":       {object{"agents": map[string]string{}}, "agents"},
		"bad IDs":                  {object{"agent_ids": []any{"", " ", "1 ", "1\t2", "good", unknown{}}}, "agent_ids"},
		"a null ID":                {object{"agent_ids": []any{"1", nil}}, "agent_ids"},
		"bad labelled IDs":         {object{"agents": map[string]string{"": "", " ": "", "1 ": "", "good": ""}}, "agents"},
		"more bad IDs than fit":    {object{"agent_ids": padded(1, 12)}, "agent_ids"},
		"a null label":             {object{"agents": map[string]any{"1": nil, "2": "Bob"}}, "agents"},
		"a timeout of zero":        {set.with([]string{"1"}, object{"timeouts": object{"create": "0s"}}), "timeouts.create"},
		"a negative timeout":       {set.with([]string{"1"}, object{"timeouts": object{"delete": "-1h"}}), "timeouts.delete"},
		"a timeout of no duration": {set.with([]string{"1"}, object{"timeouts": object{"update": "soon"}}), "timeouts.update"},
	} {
		t.Run(name, func(t *testing.T) {
			diags := startProtocol(t).Validate(c.config)
			if len(diags) != 1 || !diags.HaveError() || diags[0].Path != c.at {
				t.Errorf("not one error at %q:\n%s", c.at, diags)
			}
			g.compare(t, name, diags.String())
		})
	}
	g.finish(t)
}

func padded(from, to int) (ids []string) {
	for _, id := range numbered(from, to) {
		ids = append(ids, " "+id)
	}
	return ids
}

// What is unknown is no error yet.
func TestUnknownIsValid(t *testing.T) {
	clearEnvironment(t)
	p := startProtocol(t)
	for _, block := range []object{
		{"ssid": unknown{}},
		{"user_id": unknown{}, "token": "t"},
		{"user_id": "u", "token": unknown{}},
		{"ssid": "s", "base_url": unknown{}},
		{"ssid": "s", "request_timeout": unknown{}},
		{"ssid": "s", "max_retries": unknown{}},
		{"ssid": "s", "batch_size": unknown{}},
		{"ssid": "s", "max_concurrent_requests": unknown{}},
	} {
		said(t, p.ValidateBlock(block))
		said(t, p.Configure(block))
	}
	for _, config := range []object{
		{"agent_ids": unknown{}},
		{"agents": unknown{}},
		{"agent_ids": []any{unknown{}}},
		{"agents": map[string]any{"1": unknown{}}},
		set.with([]string{"1"}, object{"triggers": unknown{}, "unset_on_removal": unknown{}, "timeouts": unknown{}}),
		set.with([]string{"1"}, object{"timeouts": object{"create": unknown{}}}),
	} {
		said(t, p.Validate(config))
	}
}
