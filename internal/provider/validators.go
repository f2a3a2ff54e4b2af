package provider

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

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

// countValidator takes whole numbers. The attributes are of type number because
// the framework answers a fraction in an integer attribute with a bug report.
type countValidator struct{ least int64 }

func (v countValidator) Description(context.Context) string {
	return fmt.Sprintf("a whole number from %d to %d", v.least, math.MaxInt32)
}

func (v countValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v countValidator) ValidateNumber(ctx context.Context, req validator.NumberRequest, resp *validator.NumberResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	f := req.ConfigValue.ValueBigFloat()
	if n, _ := f.Int64(); !f.IsInt() || n < v.least || n > math.MaxInt32 {
		resp.Diagnostics.Append(invalidCount(req.Path, f.Text('g', -1), v.Description(ctx)))
	}
}

// agentIDsValidator looks at a whole set or map at once: the framework's
// validators of elements make a request of each, which tells at 10,000.
type agentIDsValidator struct{}

func (agentIDsValidator) Description(context.Context) string {
	return "at least one agent ID; none empty, with white space at an end, or with control characters"
}

func (v agentIDsValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (agentIDsValidator) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	elements := elementsOfSet(req.ConfigValue)
	var problems []string
	for _, e := range elements {
		if e.Null {
			problems = append(problems, "an agent ID is null")
		} else if err := deepcall.ValidateAgentID(e.Value); err != nil && !e.Unknown {
			problems = append(problems, err.Error())
		}
	}
	resp.Diagnostics.Append(checkAgents(req.Path, len(elements), problems)...)
}

func (agentIDsValidator) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	elements := elementsOfMap(req.ConfigValue)
	var problems []string
	for _, e := range elements {
		if err := deepcall.ValidateAgentID(e.Key); err != nil {
			problems = append(problems, err.Error())
		}
		if e.Null {
			problems = append(problems, fmt.Sprintf("the label of agent %q is null; \"\" is a label too", e.Key))
		}
	}
	slices.Sort(problems)
	resp.Diagnostics.Append(checkAgents(req.Path, len(elements), problems)...)
}

func checkAgents(at path.Path, n int, problems []string) (diags diag.Diagnostics) {
	switch {
	case n == 0:
		diags.Append(emptyAgents(at))
	case len(problems) > 0:
		diags.Append(invalidAgentIDs(at, problems))
	}
	return diags
}
