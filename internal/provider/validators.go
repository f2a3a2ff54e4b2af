package provider

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcall"
	"github.com/deepcall/terraform-provider-deepcall/internal/roster"
)

// textValidator accepts strings in which check finds no problem.
type textValidator struct {
	accepts string
	check   func(at path.Path, value string) (problem diag.Diagnostic)
}

var (
	credentialValidator = textValidator{
		"not blank, and without whitespace at either end and control characters",
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

// checkCredential does not show the value.
func checkCredential(attribute, value, from string) diag.Diagnostic {
	if err := deepcall.ValidateCredential(value); err != nil {
		return diag.NewAttributeErrorDiagnostic(path.Root(attribute), "Invalid credential",
			fmt.Sprintf("The value of %s cannot be used: %v.", from, err))
	}
	return nil
}

// parseBaseURL shows no more of a bad value than scheme and host: the rest may be
// secret.
func parseBaseURL(from, value string) (*url.URL, diag.Diagnostic) {
	parsed, problem := deepcall.ParseBaseURL(value)
	if problem == nil {
		return parsed, nil
	}
	shown := ""
	if u, err := url.Parse(value); err == nil && u.Scheme != "" && u.Host != "" {
		shown = fmt.Sprintf(" (%q)", u.Scheme+"://"+u.Host)
	}
	return nil, diag.NewErrorDiagnostic("Invalid base URL", fmt.Sprintf(
		"%s%s cannot be used: %v. For example: \"https://v4-api.deepcall.com\".", from, shown, problem))
}

func parseDuration(at path.Path, value string) (time.Duration, diag.Diagnostic) {
	problem := "it must be a duration such as 90s, 5m, or 1h30m"
	d, err := time.ParseDuration(value)
	switch _, notNumber := strconv.ParseFloat(value, 64); {
	case err == nil && d > 0:
		return d, nil
	case err == nil:
		problem = "it must be greater than zero"
	case notNumber == nil:
		problem = fmt.Sprintf("it has no unit; for seconds, write \"%ss\"", value)
	}
	return 0, diag.NewAttributeErrorDiagnostic(at, "Invalid duration", fmt.Sprintf("%s is %q: %s.", at, value, problem))
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
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid number",
			fmt.Sprintf("%s is %s: it must be %s.", req.Path, f.Text('f', -1), v.Description(ctx)))
	}
}

// checkElements looks at the elements of agent_ids or, with labels, of agents.
func checkElements(at path.Path, elements []roster.Element, labeled bool) (diags diag.Diagnostics) {
	var problems, unlabeled []string
	for _, e := range elements {
		if e.Null && labeled {
			unlabeled = append(unlabeled, e.ID)
		}
		switch err := deepcall.ValidateAgentID(e.ID); {
		case e.Null && !labeled:
			problems = append(problems, "an agent ID is null")
		case err != nil && (labeled || !e.Unknown):
			problems = append(problems, err.Error())
		}
	}
	if len(elements) == 0 {
		diags.Append(emptyAgents(at))
	}
	if labeled { // the elements of a map have no order
		slices.Sort(problems)
	}
	if more := len(problems) - maxReasons; more > 0 {
		problems = append(problems[:maxReasons], fmt.Sprintf("and %d more", more))
	}
	if len(problems) > 0 {
		diags.AddAttributeError(at, "Invalid agent ID", fmt.Sprintf("%s contains invalid agent IDs:\n\n  %s", at, strings.Join(problems, "\n  ")))
	}
	if len(unlabeled) > 0 {
		diags.AddAttributeError(at, "Invalid label", fmt.Sprintf("A label must not be null; an empty string is accepted. Null for: %s", listIDs(unlabeled)))
	}
	return diags
}
