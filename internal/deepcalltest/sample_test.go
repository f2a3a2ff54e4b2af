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
	for request, want := range map[string]string{
		"request-ssid.json":                    answered(entries(done("1"), "")), // no sample
		"request-token.json":                   sample(t, "success-response.json"),
		"example-1-request.json":               sample(t, "example-1-response.json"),
		"example-request.json":                 sample(t, "example-response.json"),
		"request-curl.json":                    sample(t, "example-response.json"),
		"error-invalid-parameter-request.json": sample(t, "error-invalid-parameter.json"),
	} {
		t.Run(request, func(t *testing.T) {
			got := post(t, deepcalltest.Start(t), "setCad", sample(t, request))
			wantBody(t, got, want)
			if media := got.header.Get("Content-Type"); got.status != 200 || media != "application/json; charset=utf-8" {
				t.Errorf("HTTP status %d, Content-Type %q", got.status, media)
			}
		})
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
