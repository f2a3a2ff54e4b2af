package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"unicode"
)

const usage = `deepcall-check tries what the Terraform provider assumes about the DeepCall Agent
API, with your account and one agent that you name for the purpose. It switches
CAD for that agent on and off several times, so choose one that takes no calls.
Before each request it says what it will send, and asks. Credentials and address
come from the provider's environment variables: DEEPCALL_SSID, or DEEPCALL_USER_ID
and DEEPCALL_TOKEN; DEEPCALL_BASE_URL. The report contains no credential, agent
ID, or address of yours: attach it to an issue as is.

Exit status: 0 if every assumption holds or could not be tested, 2 if one does not
hold, 1 if the check could not run.

Example:

  deepcall-check -agent 13 -leave off -json report.json

Flags:

`

const defaultBaseURL = "https://v4-api.deepcall.com"

// settings are the arguments and what the environment adds.
type settings struct {
	agent            string
	leave            string // on, off, or "" to ask
	yes              bool
	jsonFile         string
	unknown          string
	wrongCredentials bool
	batch            []string

	base  *url.URL
	login login
}

// login is what a request carries: ssid alone, or userID with token.
type login struct {
	SSID   string `json:"ssid,omitempty"`
	UserID string `json:"userId,omitempty"`
	Token  string `json:"token,omitempty"`
}

func parse(args []string, env func(string) (string, bool), stderr io.Writer) (settings, error) {
	var s settings
	var batchFile string
	flags := flag.NewFlagSet("deepcall-check", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the caller prints the error
	flags.StringVar(&s.agent, "agent", "", "`ID` of the agent to test with")
	flags.StringVar(&s.leave, "leave", "", "final `state` of CAD for the agent, on or off; if missing, you are asked (with -yes: off)")
	flags.BoolVar(&s.yes, "yes", false, "send without asking")
	flags.StringVar(&s.jsonFile, "json", "", "also write the report to this `file`, as JSON")
	flags.StringVar(&s.unknown, "unknown", "", "also send this `ID`, which must not exist; if it does, CAD is enabled for it")
	flags.BoolVar(&s.wrongCredentials, "wrong-credentials", false, "also send made-up credentials, which may suspend your login")
	flags.StringVar(&batchFile, "batch", "", "also enable CAD for all agents in this `file` (one ID per line) in one request; most useful with 500 or more")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		_, _ = io.WriteString(stderr, usage)
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return s, err
	case err != nil:
		return s, err
	}
	var err error
	if batchFile != "" {
		if s.batch, err = readBatch(batchFile); err != nil {
			return s, err
		}
	}
	if s.base, err = baseURL(env); err != nil {
		return s, err
	}
	if s.login, err = readLogin(env); err != nil {
		return s, err
	}
	err = s.check(flags.Args())
	return s, err
}

func (s *settings) check(rest []string) error {
	if len(rest) > 0 {
		return fmt.Errorf("unexpected argument %q; -h lists the flags", rest[0])
	}
	if s.agent == "" {
		return errors.New("name the agent to test with: -agent ID")
	}
	if err := checkID("-agent", s.agent); err != nil {
		return err
	}
	if s.unknown != "" {
		if err := checkID("-unknown", s.unknown); err != nil {
			return err
		}
	}
	if s.unknown == s.agent {
		return errors.New("-unknown is the same ID as -agent")
	}
	if s.leave == "" && s.yes {
		s.leave = off
	}
	if s.leave != "" && s.leave != on && s.leave != off {
		return fmt.Errorf("-leave %q is neither on nor off", s.leave)
	}
	return nil
}

// checkID keeps an ID from reaching somebody else because it is not what it
// looks like.
func checkID(what, id string) error {
	odd := strings.ContainsFunc(id, func(r rune) bool { return !unicode.IsGraphic(r) })
	if id == "" || odd || strings.TrimSpace(id) != id {
		return fmt.Errorf("%s: %q is not an agent ID: it is empty, begins or ends with whitespace, or holds invisible characters", what, id)
	}
	return nil
}

// readBatch reads an ID a line, each once.
func readBatch(file string) ([]string, error) {
	text, err := os.ReadFile(file) //nolint:gosec // the user names it
	if err != nil {
		return nil, err
	}
	var ids []string
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		id := strings.TrimSpace(line)
		if id == "" || seen[id] {
			continue
		}
		if err := checkID("-batch", id); err != nil {
			return nil, err
		}
		seen[id] = true
		ids = append(ids, id)
	}
	if len(ids) < 2 {
		return nil, fmt.Errorf("-batch: %s lists fewer than two agents", file)
	}
	return ids, nil
}

// readLogin reads the provider's variables. An empty one counts as unset.
func readLogin(env func(string) (string, bool)) (login, error) {
	var l login
	for name, value := range map[string]*string{"DEEPCALL_SSID": &l.SSID, "DEEPCALL_USER_ID": &l.UserID, "DEEPCALL_TOKEN": &l.Token} {
		*value, _ = env(name)
		if strings.TrimSpace(*value) != *value || strings.ContainsFunc(*value, unicode.IsControl) {
			return l, fmt.Errorf("%s is blank, begins or ends with whitespace, or holds a control character", name)
		}
	}
	pair := []bool{l.UserID != "", l.Token != ""}
	switch {
	case l.SSID != "" && slices.Contains(pair, true):
		return l, errors.New("DEEPCALL_SSID conflicts with DEEPCALL_USER_ID and DEEPCALL_TOKEN: unset one or the other")
	case l.SSID == "" && slices.Contains(pair, false):
		return l, errors.New("no credentials: set DEEPCALL_SSID, or DEEPCALL_USER_ID and DEEPCALL_TOKEN")
	}
	return l, nil
}
