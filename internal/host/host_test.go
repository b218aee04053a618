package host

import "testing"

func TestKnown(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST:80": true, "127.0.0.1:1": true, "[::1]:6464": true, "::1": true, "[::1]": true, "models.example:80": true, "Models.Example": true,
		"": false, ":80": false, "evil.example": false, "evil.example:6464": false, "localhost.evil.example": false, "127.0.0.1.evil.example:1": false,
	} {
		if Known(host, "models.example", "") != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
}
