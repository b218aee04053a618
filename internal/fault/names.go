package fault

import (
	"fmt"
	"strconv"
	"strings"
)

// Clip shortens a value for a message.
func Clip(s string) string {
	const most = 40
	if r := []rune(s[:min(len(s), 4*most)]); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}

// Names lists quoted names for a message, the first twenty.
func Names(names []string) string {
	const most = 20
	quoted := make([]string, min(len(names), most))
	for i := range quoted {
		quoted[i] = strconv.Quote(Clip(names[i]))
	}
	if len(names) > most {
		quoted = append(quoted, fmt.Sprintf("%d more", len(names)-most))
	}
	return strings.Join(quoted, ", ")
}

// Texts returns what errors say; those that are nil say nothing.
func Texts(errs []error) (list []string) {
	for _, err := range errs {
		if err != nil {
			list = append(list, err.Error())
		}
	}
	return list
}

// Some joins texts, of many of them the first ten.
func Some(list []string, separator string) string {
	const most = 10
	if len(list) <= most {
		return strings.Join(list, separator)
	}
	return fmt.Sprintf("%s%sand %d more", strings.Join(list[:most], separator), separator, len(list)-most)
}
