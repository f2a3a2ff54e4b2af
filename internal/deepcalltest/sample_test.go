package deepcalltest_test

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the vendor's ETag is made with it
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/deepcall/terraform-provider-deepcall/internal/deepcalltest"
)

// sample is one of the vendor's samples, without white space.
func sample(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return compact.Bytes()
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
			api := deepcalltest.Start(t)
			got := post(t, api, "setCad", string(sample(t, c.request)))
			if want := sample(t, c.response); !bytes.Equal(got.body, want) {
				t.Errorf("answer\n %s, want\n %s", got.body, want)
			}
			if got.status != http.StatusOK {
				t.Errorf("HTTP status %d, want 200", got.status)
			}
		})
	}
}

func TestVendorSampleOfOneUnquotedID(t *testing.T) {
	api := deepcalltest.Start(t)
	post(t, api, "setCad", string(sample(t, "request-ssid.json")))
	wantIDs(t, "enabled", api.Enabled(), "1")
	r := api.Requests()[0]
	if r.Credentials != (deepcalltest.Credentials{SSID: "{{ssid}}"}) {
		t.Errorf("credentials read as %+v", r.Credentials)
	}
}

// "Example Response" comes with the headers of the real answer. Its ETag is the
// body's length and the first 27 characters of its SHA-1, so the very bytes of
// the vendor's server can be compared.
func TestAnswerHasTheBytesOfTheVendorsServer(t *testing.T) {
	const length, digest = "184", "30Wmu+h+8HQGVR5NK/hkKlKq9Ic"
	api := deepcalltest.Start(t)
	got := post(t, api, "setCad", string(sample(t, "example-request.json")))
	if l := got.header.Get("Content-Length"); l != length {
		t.Errorf("Content-Length %s, want %s", l, length)
	}
	if ct := got.header.Get("Content-Type"); ct != "application/json; charset=utf-8" {
		t.Errorf("Content-Type %q", ct)
	}
	sum := sha1.Sum(got.body) //nolint:gosec // see the import
	if d := base64.StdEncoding.EncodeToString(sum[:])[:27]; d != digest {
		t.Errorf("SHA-1 of the answer starts with %s, want %s", d, digest)
	}
}
