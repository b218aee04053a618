package plan

import (
	"os"
	"path"
	"strconv"
	"strings"
)

// Available returns how many bytes this process can have in all, and false where
// the system does not tell: on Linux what it has, and what the kernel can give it
// without swapping, within the limits of its control groups.
func Available() (bytes int64, known bool) {
	free := field("/proc/meminfo", "MemAvailable")
	if free == 0 {
		return 0, false
	}
	for _, g := range controlGroups() {
		free = min(free, g)
	}
	return free + Resident(), true
}

// processStatus returns a memory of this process, 0 where it is not told.
func processStatus(name string) int64 { return field("/proc/self/status", name) }

// field reads a line such as "MemAvailable:  1024 kB", in bytes.
func field(file, name string) int64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ":")
		if words := strings.Fields(value); key == name && len(words) > 0 {
			kb, _ := strconv.ParseInt(words[0], 10, 64)
			return kb << 10
		}
	}
	return 0
}

// controlGroups returns what is left of the limits of this process's control groups,
// those of version 2 and of version 1.
func controlGroups() (left []int64) {
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) < 3 {
			continue
		}
		root, limit, used := "/sys/fs/cgroup", "memory.max", "memory.current"
		switch parts[1] {
		case "": // version 2
		case "memory":
			root, limit, used = "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
		default:
			continue
		}
		// A container sees its own group as the root, whatever its path says.
		for dir := path.Join("/", parts[2]); ; dir = path.Dir(dir) {
			if n, ok := leftOf(path.Join(root, dir), limit, used); ok {
				left = append(left, n)
			}
			if dir == "/" {
				break
			}
		}
	}
	return left
}

// leftOf returns what is left of a group's limit: pages of files that are not in use
// can be had too.
func leftOf(dir, limit, used string) (bytes int64, ok bool) {
	most, ok := number64(path.Join(dir, limit))
	now, ok2 := number64(path.Join(dir, used))
	if !ok || !ok2 || most >= 1<<60 {
		return 0, false
	}
	text, _ := os.ReadFile(path.Join(dir, "memory.stat"))
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) == 2 && words[0] == "inactive_file" {
			n, _ := strconv.ParseInt(words[1], 10, 64)
			now -= n
		}
	}
	return max(0, most-now), true
}

// number64 reads a file that holds a number.
func number64(file string) (int64, bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}
