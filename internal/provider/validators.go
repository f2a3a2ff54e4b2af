package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// baseURLValidator takes what deepcall.ParseBaseURL takes.
type baseURLValidator struct{}

func (baseURLValidator) Description(context.Context) string {
	return "an https URL (http to this machine) without user info, query, fragment and the API's own path"
}

func (v baseURLValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (baseURLValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := deepcall.ParseBaseURL(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.Append(diag.WithPath(req.Path, invalidBaseURL("base_url", req.ConfigValue.ValueString(), err)))
	}
}

// durationValidator takes Go durations above zero.
type durationValidator struct{}

func (durationValidator) Description(context.Context) string {
	return "a duration above zero, such as 90s or 5m"
}

func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (durationValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := parsePositiveDuration(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.Append(invalidDuration(req.Path, req.ConfigValue.ValueString(), err))
	}
}

func parsePositiveDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return 0, errors.New("it is not a duration such as 90s, 5m or 1h30m")
	case d <= 0:
		return 0, errNotPositive
	}
	return d, nil
}

var errNotPositive = errors.New("it is not above zero")

// agentIDsValidator looks at a whole set or map at once: the framework's
// validators of elements make a request of each, which tells at 10,000.
type agentIDsValidator struct{}

func (agentIDsValidator) Description(context.Context) string {
	return "agent IDs that are not empty, without white space at an end and without control characters"
}

func (v agentIDsValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (agentIDsValidator) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	var problems []string
	for _, element := range req.ConfigValue.Elements() {
		id, ok := element.(types.String)
		switch {
		case !ok || id.IsUnknown():
		case id.IsNull():
			problems = append(problems, "an agent ID is null")
		default:
			if err := deepcall.ValidateAgentID(id.ValueString()); err != nil {
				problems = append(problems, err.Error())
			}
		}
	}
	if len(problems) > 0 {
		resp.Diagnostics.Append(invalidAgentIDs(req.Path, problems))
	}
}

func (agentIDsValidator) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	var problems []string
	for id, label := range req.ConfigValue.Elements() {
		if err := deepcall.ValidateAgentID(id); err != nil {
			problems = append(problems, err.Error())
		}
		if label.IsNull() {
			problems = append(problems, fmt.Sprintf("the label of agent %q is null; \"\" is a label too", id))
		}
	}
	if len(problems) > 0 {
		slices.Sort(problems)
		resp.Diagnostics.Append(invalidAgentIDs(req.Path, problems))
	}
}
