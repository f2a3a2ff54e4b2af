package provider

import (
	"cmp"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

const (
	defaultRequestTimeout        = 60 * time.Second
	defaultMaxRetries            = 4
	defaultBatchSize             = 500
	defaultMaxConcurrentRequests = 1
	noMaxRemovals                = -1
)

const (
	envBaseURL = "DEEPCALL_BASE_URL"
	envSSID    = "DEEPCALL_SSID"
	envUserID  = "DEEPCALL_USER_ID"
	envToken   = "DEEPCALL_TOKEN"
)

// settings are the values resolved from the provider block and the environment.
type settings struct {
	config deepcall.Config
	// credentialsFrom names the attributes or variables, for the user who has
	// to correct them.
	credentialsFrom string
}

func (m providerModel) hasUnknownCredentials() bool {
	return m.SSID.IsUnknown() || m.UserID.IsUnknown() || m.Token.IsUnknown()
}

// settings resolves what is known. The block's own values are checked by
// validators before; what comes from the environment is checked here.
func (m providerModel) settings(env func(string) string) (settings, diag.Diagnostics) {
	s := settings{config: deepcall.Config{
		RequestTimeout:        defaultRequestTimeout,
		MaxRetries:            orDefault(m.MaxRetries, defaultMaxRetries),
		BatchSize:             orDefault(m.BatchSize, defaultBatchSize),
		MaxConcurrentRequests: orDefault(m.MaxConcurrentRequests, defaultMaxConcurrentRequests),
		MaxRemovals:           orDefault(m.MaxRemovals, noMaxRemovals),
	}}
	var timeout, baseURL, credentials diag.Diagnostic
	if !m.RequestTimeout.IsNull() && !m.RequestTimeout.IsUnknown() {
		s.config.RequestTimeout, timeout = parseDuration(path.Root("request_timeout"), m.RequestTimeout.ValueString())
	}
	if !m.BaseURL.IsUnknown() {
		s.config.BaseURL, baseURL = m.baseURL(env)
	}
	if !m.hasUnknownCredentials() {
		s.config.Credentials, s.credentialsFrom, credentials = m.credentials(env)
	}
	var diags diag.Diagnostics
	diags.Append(timeout, baseURL, credentials) // those that are not nil
	return s, diags
}

// orDefault reads a count that countValidator has seen.
func orDefault(v types.Number, otherwise int) int {
	if v.IsNull() || v.IsUnknown() {
		return otherwise
	}
	n, _ := v.ValueBigFloat().Int64()
	return int(n)
}

func (m providerModel) baseURL(env func(string) string) (*url.URL, diag.Diagnostic) {
	if !m.BaseURL.IsNull() {
		return parseBaseURL("base_url", m.BaseURL.ValueString())
	}
	return parseBaseURL(envBaseURL, cmp.Or(env(envBaseURL), deepcall.DefaultBaseURL))
}

// credentials applies the rule that the block takes precedence over the
// environment, for the ssid and for the pair as wholes.
func (m providerModel) credentials(env func(string) string) (c deepcall.Credentials, from string, problem diag.Diagnostic) {
	ssid, ssidFrom := blockOrEnv(m.SSID, "ssid", env, envSSID)
	pairOutside := env(envUserID) != "" || env(envToken) != ""
	switch {
	case m.conflict() != nil:
		return c, "", m.conflict()
	case !m.UserID.IsNull() || !m.Token.IsNull():
		return m.pair(env)
	case !m.SSID.IsNull() || (ssid != "" && !pairOutside):
		return deepcall.SessionID(ssid), ssidFrom, checkCredential("ssid", ssid, ssidFrom)
	case ssid != "":
		return c, "", conflictingCredentials(envSSID, envUserID+" or "+envToken)
	case pairOutside:
		return m.pair(env)
	}
	return c, "", missingCredentials
}

// conflict is the error for both ways to authenticate in the block, or nil.
func (m providerModel) conflict() diag.Diagnostic {
	set := func(v types.String) bool { return !v.IsNull() && !v.IsUnknown() }
	if set(m.SSID) && (set(m.UserID) || set(m.Token)) {
		return diag.WithPath(path.Root("ssid"), conflictingCredentials("`ssid`", "`user_id` or `token`"))
	}
	return nil
}

// pair resolves user_id and token, each from the block or the environment.
func (m providerModel) pair(env func(string) string) (c deepcall.Credentials, from string, problem diag.Diagnostic) {
	userID, userIDFrom := blockOrEnv(m.UserID, "user_id", env, envUserID)
	token, tokenFrom := blockOrEnv(m.Token, "token", env, envToken)
	switch {
	case userID == "" && m.UserID.IsNull():
		return c, "", diag.WithPath(path.Root("user_id"), incompleteCredentials("user_id", envUserID, tokenFrom))
	case token == "" && m.Token.IsNull():
		return c, "", diag.WithPath(path.Root("token"), incompleteCredentials("token", envToken, userIDFrom))
	}
	if problem = checkCredential("user_id", userID, userIDFrom); problem == nil {
		problem = checkCredential("token", token, tokenFrom)
	}
	return deepcall.UserToken(userID, token), userIDFrom + " and " + tokenFrom, problem
}

func blockOrEnv(v types.String, attribute string, env func(string) string, variable string) (value, from string) {
	if !v.IsNull() {
		return v.ValueString(), inBlock(attribute)
	}
	return env(variable), inEnvironment(variable)
}

func inBlock(attribute string) string { return "`" + attribute + "` in the provider block" }

func inEnvironment(variable string) string { return "the environment variable " + variable }

// userAgent names the provider, the CLI, and what the operator adds, which is
// cut to what a header may hold.
func userAgent(version, cli, appended string) string {
	ua := "terraform-provider-deepcall/" + version
	if cli != "" {
		ua += " Terraform/" + cli
	}
	appended = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || unicode.IsControl(r) {
			return -1
		}
		return r
	}, appended))
	if appended != "" {
		ua += " " + appended
	}
	return ua
}
