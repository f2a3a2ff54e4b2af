package deepcall

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// Credentials never print, wherever they are and whatever prints them.
func TestCredentialsDoNotPrint(t *testing.T) {
	const ssid, user, token = "canary-session", "canary-user", "canary-token"
	base, err := ParseBaseURL(DefaultBaseURL)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Credentials{SessionID(ssid), UserToken(user, token), {}} {
		client := New(Config{BaseURL: base, Credentials: c})
		type holder struct {
			Public  Credentials
			private Credentials
			pointer *Credentials
			any     any
			list    []Credentials
			config  Config
			client  *Client
		}
		h := holder{c, c, &c, c, []Credentials{c}, Config{Credentials: c}, client}
		for _, v := range []any{c, &c, []Credentials{c}, map[string]Credentials{"a": c}, h, &h, h.config, &h.config, client} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%T"} {
				checkNoCanary(t, verb, fmt.Sprintf(verb, v))
			}
			if b, err := json.Marshal(v); err == nil { // what cannot be marshalled shows nothing either
				checkNoCanary(t, "json.Marshal", string(b))
			} else {
				checkNoCanary(t, "error of json.Marshal", err.Error())
			}
			var out bytes.Buffer
			slog.New(slog.NewTextHandler(&out, nil)).Info("text", "v", v)
			slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "v", v)
			checkNoCanary(t, "slog", out.String())
		}
		if got := fmt.Sprintf("%v %+v %#v %s %q %d", c, c, c, c, c, c); got != strings.TrimSpace(strings.Repeat(hidden+" ", 6)) {
			t.Errorf("printed as %s", got)
		}
	}
}

func checkNoCanary(t *testing.T, where, text string) {
	t.Helper()
	if at := strings.Index(text, "canary"); at >= 0 {
		t.Errorf("%s shows %.60q", where, text[at:])
	}
}

// A credential that cannot have been meant is refused, and not repeated.
func TestValidateCredential(t *testing.T) {
	for value, want := range map[string]string{ // "" is for no error
		"1": "", "0b5e7f2c-8d1a": "", `a b"c\d+/=`: "", "ключ": "",
		"": "blank", " ": "blank", "\n": "blank", "\u00a0": "blank",
		" canary": "whitespace", "canary ": "whitespace", "canary\n": "whitespace", "canary\r\n": "whitespace", "\u2003canary": "whitespace",
		"can\nary": "control", "can\x00ary": "control", "canary\x7f": "control", "can\u0085ary": "control",
	} {
		err := ValidateCredential(value)
		if (err == nil) != (want == "") || (err != nil && !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q in it", value, err, want)
		} else if err != nil && strings.Contains(err.Error(), "can") {
			t.Errorf("%q: %v repeats it", value, err)
		}
	}
}
