package live

import (
	"slices"
)

// A table is settings of the runs shown.
type table struct {
	Title string
	Open  bool
	Names []string
	Rows  [][]string
}

// settings lists those in which runs differ, and the rest.
func settings(runs []*run) []table {
	if len(runs) == 0 {
		return nil
	}
	differ, same := table{Title: "In which the runs differ", Open: true}, table{Title: "All settings", Names: []string{"value"}}
	values, keys := map[string][]string{}, []string{"task"}
	for i, r := range runs {
		differ.Names = append(differ.Names, r.Dir)
		set := func(key, value string) {
			if values[key] == nil {
				values[key] = make([]string, len(runs))
				if key != "task" {
					keys = append(keys, key)
				}
			}
			values[key][i] = value
		}
		set("task", r.Experiment.Name)
		for _, s := range r.Experiment.List() {
			set(s.Key, s.String())
		}
	}
	for _, k := range keys {
		row := append([]string{k}, values[k]...)
		if len(slices.Compact(slices.Clone(values[k]))) > 1 {
			differ.Rows = append(differ.Rows, row)
		} else {
			same.Rows = append(same.Rows, append([]string{k}, values[k][0]))
		}
	}
	if len(differ.Rows) == 0 {
		return []table{same}
	}
	same.Title = "Settings that they share"
	return []table{differ, same}
}
