package deepcalltest_test

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the vendor's ETag is made with it
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// sample is one of the vendor's samples, without whitespace.
func sample(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return compact.String()
}

// The samples' field names, order of fields and values are the answer's, byte
// for byte.
func TestVendorSamples(t *testing.T) {
	for _, c := range []struct{ request, response string }{
		{"request-token.json", "success-response.json"},
		{"example-1-request.json", "example-1-response.json"},
		{"example-request.json", "example-response.json"},
		{"request-curl.json", "example-response.json"},
		{"error-invalid-parameter-request.json", "error-invalid-parameter.json"},
	} {
		t.Run(c.request, func(t *testing.T) {
			got := post(t, deepcalltest.Start(t), "setCad", sample(t, c.request))
			wantBody(t, got, sample(t, c.response))
			if media := got.header.Get("Content-Type"); got.status != 200 || media != "application/json; charset=utf-8" {
				t.Errorf("HTTP status %d, Content-Type %q", got.status, media)
			}
		})
	}
}

func TestVendorSampleOfOneUnquotedID(t *testing.T) {
	api := deepcalltest.Start(t)
	post(t, api, "setCad", sample(t, "request-ssid.json"))
	wantIDs(t, "enabled", api.Enabled(), "1")
	if c := api.Requests()[0].Credentials; c != (deepcalltest.Credentials{SSID: "{{ssid}}"}) {
		t.Errorf("credentials read as %+v", c)
	}
}

// "Example Response" comes with the headers of the real answer. Its ETag is the
// body's length and the first 27 characters of its SHA-1, so the sample is known
// to have the very bytes of the vendor's server.
func TestSampleHasTheBytesOfTheVendorsServer(t *testing.T) {
	const length, digest = 184, "30Wmu+h+8HQGVR5NK/hkKlKq9Ic"
	answer := sample(t, "example-response.json")
	sum := sha1.Sum([]byte(answer)) //nolint:gosec // see the import
	if got := base64.StdEncoding.EncodeToString(sum[:])[:27]; got != digest || len(answer) != length {
		t.Errorf("%d bytes, whose SHA-1 starts with %s; want %d and %s", len(answer), got, length, digest)
	}
}
