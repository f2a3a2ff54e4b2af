package provider

import (
	"cmp"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/attr"
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

	envBaseURL = "DEEPCALL_BASE_URL"
	envSSID    = "DEEPCALL_SSID"
	envUserID  = "DEEPCALL_USER_ID"
	envToken   = "DEEPCALL_TOKEN"
)

// config resolves everything but the credentials, as far as it is known.
func (m providerModel) config(env func(string) string, diags *diag.Diagnostics) (c deepcall.Config) {
	c.MaxRetries = count("max_retries", m.MaxRetries, 0, defaultMaxRetries, diags)
	c.BatchSize = count("batch_size", m.BatchSize, 1, defaultBatchSize, diags)
	c.MaxConcurrentRequests = count("max_concurrent_requests", m.MaxConcurrentRequests, 1, defaultMaxConcurrentRequests, diags)
	c.MaxRemovals = count("max_removals", m.MaxRemovals, 0, noMaxRemovals, diags)
	c.RequestTimeout = duration(path.Root("request_timeout"), m.RequestTimeout, defaultRequestTimeout, diags)
	c.BaseURL = m.baseURL(env, diags)
	return c
}

func isKnown(v attr.Value) bool { return !v.IsNull() && !v.IsUnknown() }

// count reads a whole number. The attributes are of type number because the
// framework answers a fraction in an integer attribute with a bug report.
func count(attribute string, v types.Number, least, otherwise int64, diags *diag.Diagnostics) int {
	n := otherwise
	if isKnown(v) {
		f := v.ValueBigFloat()
		if n, _ = f.Int64(); !f.IsInt() || n < least || n > math.MaxInt32 {
			diags.AddAttributeError(path.Root(attribute), "Invalid number",
				fmt.Sprintf("%s is %s: it must be a whole number from %d to %d.", attribute, f.Text('f', -1), least, math.MaxInt32))
		}
	}
	return int(n)
}

func duration(at path.Path, v types.String, otherwise time.Duration, diags *diag.Diagnostics) time.Duration {
	if !isKnown(v) {
		return otherwise
	}
	value := v.ValueString()
	problem := "it must be a duration such as 90s, 5m, or 1h30m"
	d, err := time.ParseDuration(value)
	switch number, notNumber := strconv.ParseFloat(value, 64); {
	case err == nil && d > 0:
		return d
	case err == nil || notNumber == nil && number <= 0:
		problem = "it must be greater than zero"
	case notNumber == nil:
		problem = fmt.Sprintf("it has no unit; for seconds, write \"%ss\"", value)
	}
	diags.AddAttributeError(at, "Invalid duration", fmt.Sprintf("%s is %q: %s.", at, value, problem))
	return 0
}

// baseURL shows no more of a bad value than scheme and host: the rest may be
// secret.
func (m providerModel) baseURL(env func(string) string, diags *diag.Diagnostics) *url.URL {
	from, value := "base_url", m.BaseURL.ValueString()
	switch {
	case m.BaseURL.IsUnknown():
		return nil
	case m.BaseURL.IsNull():
		from, value = envBaseURL, cmp.Or(env(envBaseURL), deepcall.DefaultBaseURL)
	}
	parsed, err := deepcall.ParseBaseURL(value)
	if err == nil {
		return parsed
	}
	if u, err := url.Parse(value); err == nil && u.Scheme != "" && u.Host != "" {
		from += fmt.Sprintf(" (%q)", u.Scheme+"://"+u.Host)
	}
	diags.AddAttributeError(path.Root("base_url"), "Invalid base URL",
		fmt.Sprintf("%s cannot be used: %v. For example: \"https://v4-api.deepcall.com\".", from, err))
	return nil
}

// credential is one of the three.
type credential struct {
	attribute, variable string
	inBlock             bool
	value               types.String // of the attribute or else of the variable; null if neither is set
}

// from names where the value is, for the user who has to correct it.
func (c credential) from() string {
	if c.inBlock {
		return "`" + c.attribute + "` in the provider block"
	}
	return "the environment variable " + c.variable
}

// check does not show the value.
func (c credential) check() diag.Diagnostic {
	if err := deepcall.ValidateCredential(c.value.ValueString()); err != nil {
		return diag.NewAttributeErrorDiagnostic(path.Root(c.attribute), "Invalid credential",
			fmt.Sprintf("The value of %s cannot be used: %v.", c.from(), err))
	}
	return nil
}

func (m providerModel) found(env func(string) string) (ssid, userID, token credential) {
	find := func(attribute, variable string, value types.String) credential {
		inBlock := !value.IsNull()
		if v := env(variable); !inBlock && v != "" {
			value = types.StringValue(v)
		}
		return credential{attribute, variable, inBlock, value}
	}
	return find("ssid", envSSID, m.SSID), find("user_id", envUserID, m.UserID), find("token", envToken, m.Token)
}

// credentials applies the rule that the block takes precedence over the
// environment, for the ssid and for the pair as wholes. What is unknown is not
// an error yet. from names the attributes or variables.
func (m providerModel) credentials(env func(string) string) (c deepcall.Credentials, from string, problem diag.Diagnostic) {
	ssid, userID, token := m.found(env)
	hasSSID, hasPair := !ssid.value.IsNull(), !userID.value.IsNull() || !token.value.IsNull()
	usesPair := userID.inBlock || token.inBlock || hasPair && !hasSSID
	switch {
	case ssid.value.IsUnknown() || userID.value.IsUnknown() || token.value.IsUnknown():
		return c, "", nil
	case usesPair && userID.value.IsNull():
		return c, "", incompleteCredentials(userID, token)
	case usesPair && token.value.IsNull():
		return c, "", incompleteCredentials(token, userID)
	case usesPair:
		c = deepcall.UserToken(userID.value.ValueString(), token.value.ValueString())
		return c, userID.from() + " and " + token.from(), cmp.Or(userID.check(), token.check())
	case !hasSSID:
		return c, "", missingCredentials
	case hasPair && !ssid.inBlock:
		return c, "", conflictingCredentials(envSSID, envUserID+" or "+envToken)
	}
	return deepcall.SessionID(ssid.value.ValueString()), ssid.from(), ssid.check()
}

var missingCredentials = diag.NewErrorDiagnostic("Missing credentials",
	"The provider needs a session ID, or a user ID with its token. Set one of:\n\n"+
		"  ssid in the provider block\n"+
		"  user_id and token in the provider block\n"+
		"  the environment variable "+envSSID+"\n"+
		"  the environment variables "+envUserID+" and "+envToken)

func conflictingCredentials(one, other string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Conflicting credentials", fmt.Sprintf(
		"Both %s and %s are set. A request carries either a session ID or a user ID with its token. Keep only one of the two.", one, other))
}

func incompleteCredentials(missing, other credential) diag.Diagnostic {
	from := other.from()
	return diag.NewAttributeErrorDiagnostic(path.Root(missing.attribute), "Incomplete credentials", fmt.Sprintf(
		"A user ID and its token are used together. %s is set, but neither `%s` in the provider block nor the environment variable %s is. Set one of them.",
		strings.ToUpper(from[:1])+from[1:], missing.attribute, missing.variable))
}

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
	return strings.TrimSpace(ua + " " + appended)
}
