package provider_test

import "testing"

// A configuration that cannot be used ends in one error, at the attribute that it
// is in, before any request. The texts are in the golden file.
func TestBadConfiguration(t *testing.T) {
	clearEnvironment(t)
	g := readGolden(t, "configuration")
	one, padded := []string{"1"}, []string(nil)
	for _, id := range numbered(1, 12) {
		padded = append(padded, " "+id)
	}
	const ssidEnv, userEnv, tokenEnv = "DEEPCALL_SSID", "DEEPCALL_USER_ID", "DEEPCALL_TOKEN"
	for name, c := range map[string]struct {
		block    object // of the provider
		env      map[string]string
		resource object // validated without a provider block
		at       string // the attribute
	}{
		"no credentials":                      {block: object{}},
		"no credentials, a value unknown":     {block: object{"base_url": unknown{}}},
		"both in the block":                   {block: object{"ssid": "s", "user_id": "u"}, at: "ssid"},
		"ssid and token in the block":         {block: object{"ssid": "s", "token": "t"}, at: "ssid"},
		"both in the environment":             {block: object{}, env: map[string]string{ssidEnv: "s", userEnv: "u", tokenEnv: "t"}},
		"ssid and user ID in the environment": {block: object{}, env: map[string]string{ssidEnv: "s", userEnv: "u"}},
		"ssid and token in the environment":   {block: object{}, env: map[string]string{ssidEnv: "s", tokenEnv: "t"}},
		"no token":                            {block: object{"user_id": "u"}, env: map[string]string{ssidEnv: "s"}, at: "token"},
		"no token in the environment":         {block: object{}, env: map[string]string{userEnv: "u"}, at: "token"},
		"no user ID":                          {block: object{}, env: map[string]string{tokenEnv: "t"}, at: "user_id"},
		"no user_id in the block":             {block: object{"token": "t"}, env: map[string]string{ssidEnv: "s"}, at: "user_id"},
		"empty ssid":                          {block: object{"ssid": ""}, env: map[string]string{ssidEnv: "s"}, at: "ssid"},
		"empty token":                         {block: object{"user_id": "u", "token": ""}, env: map[string]string{tokenEnv: "t"}, at: "token"},
		"empty user_id":                       {block: object{"user_id": "", "token": "t"}, env: map[string]string{userEnv: "u"}, at: "user_id"},
		"a line break in the ssid":            {block: object{"ssid": "s3cret\n"}, at: "ssid"},
		"a line break in DEEPCALL_SSID":       {block: object{}, env: map[string]string{ssidEnv: "s3cret\n"}, at: "ssid"},
		"a line break in DEEPCALL_TOKEN":      {block: object{}, env: map[string]string{userEnv: "u", tokenEnv: "s3cret\n"}, at: "token"},
		"base_url without a scheme":           {block: object{"ssid": "s", "base_url": "api.example"}, at: "base_url"},
		"base_url of plain http":              {block: object{"ssid": "s", "base_url": "http://api.example"}, at: "base_url"},
		"base_url with a password":            {block: object{"ssid": "s", "base_url": "https://me:pa55@api.example"}, at: "base_url"},
		"base_url already complete":           {block: object{"ssid": "s", "base_url": "https://api.example/x/api/v2/Agent/setCad"}, at: "base_url"},
		"base_url empty":                      {block: object{"ssid": "s", "base_url": ""}, at: "base_url"},
		"base URL in the environment":         {block: object{"ssid": "s"}, env: map[string]string{"DEEPCALL_BASE_URL": "ftp://api.example"}, at: "base_url"},
		"request_timeout no duration":         {block: object{"ssid": "s", "request_timeout": "soon"}, at: "request_timeout"},
		"request_timeout without a unit":      {block: object{"ssid": "s", "request_timeout": "60"}, at: "request_timeout"},
		"request_timeout negative":            {block: object{"ssid": "s", "request_timeout": "-60"}, at: "request_timeout"},
		"request_timeout zero":                {block: object{"ssid": "s", "request_timeout": "0s"}, at: "request_timeout"},
		"batch_size zero":                     {block: object{"ssid": "s", "batch_size": 0}, at: "batch_size"},
		"batch_size not whole":                {block: object{"ssid": "s", "batch_size": 2.5}, at: "batch_size"},
		"batch_size too large":                {block: object{"ssid": "s", "batch_size": 1 << 40}, at: "batch_size"},
		"max_retries negative":                {block: object{"ssid": "s", "max_retries": -1}, at: "max_retries"},
		"max_removals negative":               {block: object{"ssid": "s", "max_removals": -1}, at: "max_removals"},
		"no concurrent requests":              {block: object{"ssid": "s", "max_concurrent_requests": 0}, at: "max_concurrent_requests"},

		"neither attribute":        {resource: object{}},
		"both attributes":          {resource: object{"agent_ids": one, "agents": map[string]string{"1": ""}}, at: "agents"},
		"no agents":                {resource: object{"agent_ids": []string{}}, at: "agent_ids"},
		"no labelled agents":       {resource: object{"agents": map[string]string{}}, at: "agents"},
		"bad IDs":                  {resource: object{"agent_ids": []any{"", " ", "1 ", "1\t2", "7", unknown{}}}, at: "agent_ids"},
		"a null ID":                {resource: object{"agent_ids": []any{"1", nil}}, at: "agent_ids"},
		"bad labelled IDs":         {resource: object{"agents": map[string]string{"": "", " ": "", "1 ": "", "7": ""}}, at: "agents"},
		"more bad IDs than fit":    {resource: object{"agent_ids": padded}, at: "agent_ids"},
		"a null label":             {resource: object{"agents": map[string]any{"1": nil, "2": "Bob"}}, at: "agents"},
		"a timeout of zero":        {resource: set.with(one, object{"timeouts": object{"create": "0s"}}), at: "timeouts.create"},
		"a negative timeout":       {resource: set.with(one, object{"timeouts": object{"delete": "-1h"}}), at: "timeouts.delete"},
		"a timeout of no duration": {resource: set.with(one, object{"timeouts": object{"update": "soon"}}), at: "timeouts.update"},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range c.env {
				t.Setenv(variable, value)
			}
			p := startProtocol(t)
			var diags diagnostics
			if c.resource != nil {
				diags = p.Validate(c.resource)
			} else if diags = p.ValidateBlock(c.block); diags == nil {
				if c.env == nil && c.at != "" {
					t.Error("the attribute alone is wrong, and validation does not find it")
				}
				diags = p.Configure(c.block)
			}
			if len(diags) != 1 || !diags.HaveError() || diags[0].Path != c.at {
				t.Errorf("not one error at %q:\n%s", c.at, diags)
			}
			g.compare(t, name, diags.String())
		})
	}
}

// What is unknown is no error yet.
func TestUnknownIsValid(t *testing.T) {
	clearEnvironment(t)
	p := startProtocol(t)
	for _, block := range []object{
		{"ssid": unknown{}},
		{"user_id": unknown{}, "token": "t"},
		{"user_id": "u", "token": unknown{}},
		{"ssid": "s", "base_url": unknown{}, "request_timeout": unknown{}},
		{"ssid": "s", "max_retries": unknown{}, "batch_size": unknown{}, "max_concurrent_requests": unknown{}, "max_removals": unknown{}},
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
