package provider

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
)

// textValidator accepts strings in which check finds no problem.
type textValidator struct {
	accepts string
	check   func(at path.Path, value string) (problem diag.Diagnostic)
}

var (
	credentialValidator = textValidator{
		"not blank, and without white space at either end and control characters",
		func(at path.Path, value string) diag.Diagnostic {
			return checkCredential(at.String(), value, inBlock(at.String()))
		},
	}
	baseURLValidator = textValidator{
		"an https URL (http only for a loopback host) without user info, query, fragment and the API's own path",
		func(at path.Path, value string) diag.Diagnostic {
			_, problem := parseBaseURL(at.String(), value)
			return problem
		},
	}
	durationValidator = textValidator{
		"a duration above zero, such as 90s or 5m",
		func(at path.Path, value string) diag.Diagnostic {
			_, problem := parseDuration(at, value)
			return problem
		},
	}
)

func (v textValidator) Description(context.Context) string         { return v.accepts }
func (v textValidator) MarkdownDescription(context.Context) string { return v.accepts }

func (v textValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if problem := v.check(req.Path, req.ConfigValue.ValueString()); problem != nil {
		resp.Diagnostics.Append(diag.WithPath(req.Path, problem))
	}
}

func parseDuration(at path.Path, s string) (d time.Duration, problem diag.Diagnostic) {
	d, err := time.ParseDuration(s)
	_, numErr := strconv.ParseFloat(s, 64)
	switch {
	case err != nil && numErr == nil:
		return 0, invalidDuration(at, s, fmt.Sprintf("it has no unit; for seconds, write \"%ss\"", s))
	case err != nil:
		return 0, invalidDuration(at, s, "it is not a duration such as 90s, 5m or 1h30m")
	case d <= 0:
		return 0, invalidDuration(at, s, "it is not above zero")
	}
	return d, nil
}

func parseBaseURL(from, value string) (*url.URL, diag.Diagnostic) {
	u, err := deepcall.ParseBaseURL(value)
	if err != nil {
		return nil, invalidBaseURL(from, value, err)
	}
	return u, nil
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
