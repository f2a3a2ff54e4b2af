package provider

import (
	"cmp"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// credential is one of the three: what the block has or else the environment.
type credential struct {
	attribute, variable string
	inBlock, known      bool
	value, from         string // from is for the user who has to correct it
}

func (c credential) isSet() bool { return c.inBlock && c.known }
func (c credential) given() bool { return c.inBlock || c.value != "" }

// check does not show the value.
func (c credential) check() diag.Diagnostic {
	if err := deepcall.ValidateCredential(c.value); err != nil {
		return diag.NewAttributeErrorDiagnostic(path.Root(c.attribute), "Invalid credential",
			fmt.Sprintf("The value of %s cannot be used: %v.", c.from, err))
	}
	return nil
}

func (m providerModel) found(env func(string) string) (ssid, userID, token credential) {
	find := func(attribute, variable string, v types.String) credential {
		if v.IsNull() {
			return credential{attribute, variable, false, true, env(variable), "the environment variable " + variable}
		}
		return credential{attribute, variable, true, !v.IsUnknown(), v.ValueString(), "`" + attribute + "` in the provider block"}
	}
	return find("ssid", envSSID, m.SSID), find("user_id", envUserID, m.UserID), find("token", envToken, m.Token)
}

// credentials applies the rule that the block takes precedence over the
// environment, for the ssid and for the pair as wholes. What is unknown is not
// an error yet. from names the attributes or variables.
func (m providerModel) credentials(env func(string) string) (c deepcall.Credentials, from string, problem diag.Diagnostic) {
	ssid, userID, token := m.found(env)
	pairInBlock, pairGiven := userID.inBlock || token.inBlock, userID.given() || token.given()
	switch {
	case !ssid.known || !userID.known || !token.known:
		return c, "", nil
	case pairInBlock || pairGiven && !ssid.given():
		return pair(userID, token)
	case !ssid.given():
		return c, "", missingCredentials
	case pairGiven && !ssid.inBlock:
		return c, "", conflictingCredentials(envSSID, envUserID+" or "+envToken)
	}
	return deepcall.SessionID(ssid.value), ssid.from, ssid.check()
}

// pair has each half from the block or the environment.
func pair(userID, token credential) (c deepcall.Credentials, from string, problem diag.Diagnostic) {
	switch {
	case !userID.given():
		return c, "", incompleteCredentials(userID, token)
	case !token.given():
		return c, "", incompleteCredentials(token, userID)
	}
	return deepcall.UserToken(userID.value, token.value), userID.from + " and " + token.from, cmp.Or(userID.check(), token.check())
}
