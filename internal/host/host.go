// Package host tells names of this machine from those that a stranger may have pointed
// at it.
package host

import (
	"net"
	"os"
	"strings"
)

// Known reports whether the Host of a request, a port behind it or not, is an address,
// which needs no name server, localhost, the name of this machine, or one of names. Any
// other name may be an attack by DNS rebinding.
func Known(host string, names ...string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	machine, _ := os.Hostname()
	for _, known := range append(names, "localhost", machine) {
		if name != "" && strings.EqualFold(name, known) {
			return true
		}
	}
	return net.ParseIP(name) != nil
}
