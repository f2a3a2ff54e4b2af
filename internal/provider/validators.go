package provider

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// credentialValidator accepts what deepcall.ValidateCredential accepts.
type credentialValidator struct{}

func (credentialValidator) Description(context.Context) string {
	return "not blank, and without white space at either end and control characters"
}

func (v credentialValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (credentialValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := deepcall.ValidateCredential(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.Append(diag.WithPath(req.Path, invalidCredential(inBlock(req.Path.String()), err)))
	}
}

// baseURLValidator accepts what deepcall.ParseBaseURL accepts.
type baseURLValidator struct{}

func (baseURLValidator) Description(context.Context) string {
	return "an https URL (http only for a loopback host) without user info, query, fragment and the API's own path"
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

// durationValidator accepts Go durations above zero.
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
	if _, numErr := strconv.ParseFloat(s, 64); err != nil && numErr == nil {
		return 0, fmt.Errorf("it has no unit; for seconds, write \"%ss\"", s)
	}
	switch {
	case err != nil:
		return 0, errors.New("it is not a duration such as 90s, 5m or 1h30m")
	case d <= 0:
		return 0, errors.New("it is not above zero")
	}
	return d, nil
}

// countValidator accepts whole numbers. The attributes are of type number because
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
// validators of elements make a request for each, which is slow for 10,000.
type agentIDsValidator struct{}

func (agentIDsValidator) Description(context.Context) string {
	return "at least one agent ID; none empty, with white space at either end, or with control or invisible characters"
}

func (v agentIDsValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (agentIDsValidator) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	resp.Diagnostics.Append(checkSet(req.Path, req.ConfigValue)...)
}

func (agentIDsValidator) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	resp.Diagnostics.Append(checkMap(req.Path, req.ConfigValue)...)
}

func checkSet(at path.Path, set types.Set) diag.Diagnostics {
	if set.IsNull() || set.IsUnknown() {
		return nil
	}
	elements := elementsOfSet(set)
	var problems []string
	for _, e := range elements {
		if e.Null {
			problems = append(problems, "an agent ID is null")
		} else if err := deepcall.ValidateAgentID(e.Value); err != nil && !e.Unknown {
			problems = append(problems, err.Error())
		}
	}
	return checkAgents(at, len(elements), problems, nil)
}

func checkMap(at path.Path, agents types.Map) diag.Diagnostics {
	if agents.IsNull() || agents.IsUnknown() {
		return nil
	}
	elements := elementsOfMap(agents)
	var problems, unlabeled []string
	for _, e := range elements {
		if err := deepcall.ValidateAgentID(e.Key); err != nil {
			problems = append(problems, err.Error())
		}
		if e.Null {
			unlabeled = append(unlabeled, e.Key)
		}
	}
	slices.Sort(problems)
	return checkAgents(at, len(elements), problems, unlabeled)
}

func checkAgents(at path.Path, n int, problems, unlabeled []string) (diags diag.Diagnostics) {
	if n == 0 {
		diags.Append(emptyAgents(at))
	}
	if len(problems) > 0 {
		diags.Append(invalidAgentIDs(at, problems))
	}
	if len(unlabeled) > 0 {
		diags.Append(nullLabels(at, unlabeled))
	}
	return diags
}

// checkOneList checks that exactly one of the attributes is set. Validation of
// the configuration is not enough: core applies ignore_changes later.
func checkOneList(agentIDs types.Set, agents types.Map) (diags diag.Diagnostics) {
	switch {
	case agentIDs.IsUnknown() || agents.IsUnknown():
	case agentIDs.IsNull() && agents.IsNull():
		diags.Append(noAgents())
	case !agentIDs.IsNull() && !agents.IsNull():
		diags.Append(agentsTwice())
	}
	return diags
}
