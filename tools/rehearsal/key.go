package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
)

// key is a signing key that nobody trusts, in a GnuPG home of its own.
type key struct {
	home        string
	fingerprint string
}

// newKey makes a key of the kind that the Terraform registry takes (RSA), in the
// folder home, which must not exist.
func newKey(ctx context.Context, home string) (*key, error) {
	if _, err := exec.LookPath("gpg"); err != nil {
		return nil, errors.New("there is no gpg, which signs releases: install GnuPG (Debian: apt-get install gnupg)")
	}
	if err := os.Mkdir(home, 0o700); err != nil {
		return nil, err
	}
	k := &key{home: home}
	status, err := k.gpg(ctx, "--pinentry-mode", "loopback", "--passphrase", "",
		"--quick-generate-key", "Rehearsal <rehearsal@example.invalid>", "rsa3072", "sign", "1d")
	created := regexp.MustCompile(`KEY_CREATED P ([0-9A-F]{40})`).FindSubmatch(status)
	if err == nil && created == nil {
		err = fmt.Errorf("gpg made no key: %s", status)
	}
	if err != nil {
		return nil, errors.Join(err, k.remove(context.WithoutCancel(ctx)))
	}
	k.fingerprint = string(created[1])
	return k, nil
}

// verify tells whether signature is a binary signature of file by this key. The
// registries refuse armoured ones.
func (k *key) verify(ctx context.Context, signature, file string) error {
	content, err := os.ReadFile(signature) //nolint:gosec // G304: in the rehearsal's own folder
	if err != nil {
		return err
	}
	// An OpenPGP packet begins with a byte whose highest bit is set (RFC 4880,
	// section 4.2), which no armour does.
	if len(content) == 0 || content[0]&0x80 == 0 {
		return fmt.Errorf("%s is not a binary signature; it begins with %q", signature, content[:min(len(content), 30)])
	}
	status, err := k.gpg(ctx, "--verify", signature, file)
	if err == nil && !bytes.Contains(status, []byte("VALIDSIG "+k.fingerprint)) {
		err = fmt.Errorf("%s is by another key: %s", signature, status)
	}
	return err
}

// gpg returns what gpg says in its form for programs.
func (k *key) gpg(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "gpg", append([]string{"--homedir", k.home, "--batch", "--status-fd", "1"}, args...)...) //nolint:gosec // G204: the arguments are this program's
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	status, err := cmd.Output()
	if err != nil {
		return status, fmt.Errorf("gpg: %w\n%s", err, &stderr)
	}
	return status, nil
}

// remove ends the agent that gpg has started and takes away its sockets, which
// may be outside of the home. The home is the caller's to remove.
func (k *key) remove(ctx context.Context) error {
	for _, args := range [][]string{{"--kill", "all"}, {"--remove-socketdir"}} {
		cmd := exec.CommandContext(ctx, "gpgconf", append([]string{"--homedir", k.home}, args...)...) //nolint:gosec // G204: as above
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("gpgconf %s: %w\n%s", args[0], err, out)
		}
	}
	return nil
}
