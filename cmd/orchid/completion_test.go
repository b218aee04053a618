package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestCompletions: the words of the model of the command line, by what stands before.
func TestCompletions(t *testing.T) {
	for line, want := range map[string]string{
		"eval " + trained(t) + " test":   "tests=",
		"tra":                            "train",
		"train rec":                      "recall",
		"plan sp":                        "speech",
		"-q --threads 2 train rec":       "recall",
		"bench ff":                       "fft",
		"bench fft --transform dc":       "dct2 dct1",
		"bench fft --transform=dft":      "--transform=dft",
		"completion ":                    "bash zsh fish",
		"train text --preset b":          "bytes",
		"train --seeds 3 recall mixer=":  "mixer=orchid mixer=attention mixer=hyena mixer=m2",
		"train recall mixer=att":         "mixer=attention",
		"train recall gates=":            "gates=false gates=true",
		"train recall residual-c":        "residual-convolution=",
		"train recall lr=":               "",
		"train recall --out ":            "", // names of files
		"train nothing mix":              "",
		"serve ":                         "",
		"predict runs/text --document p": "paragraph",
		"train recall --res":             "--resume",
		"comp":                           "completion", // what is hidden is not offered
		"train recall --no-such-flag=a":  "",
	} {
		stdout, stderr, code := call(t, ".", append([]string{"complete", "--"}, strings.Split(line, " ")...)...)
		var got []string
		for l := range strings.Lines(stdout) {
			word, _, _ := strings.Cut(l, "\t")
			got = append(got, word)
		}
		if code != 0 || strings.Join(got, " ") != want {
			t.Errorf("%q: exit %d, %q, want %q %s", line, code, got, want, stderr)
		}
	}
	if stdout, _, code := call(t, ".", "complete"); code != 0 || !strings.Contains(stdout, "train\tFit a model") {
		t.Errorf("of nothing: exit %d: %s", code, stdout)
	}
}

// TestBashCompletes lets bash itself run the script, as a press of Tab does.
func TestBashCompletes(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	script, _, code := call(t, ".", "completion", "bash")
	if code != 0 {
		t.Fatalf("exit %d", code)
	}
	for line, want := range map[string][]string{
		"orchid tra":                    {"train"},
		"orchid completion ":            {"bash", "fish", "zsh"},
		"orchid train recall mixer=att": {"attention"}, // bash has "mixer" and "=" already
		"orchid train recall mixer=":    {"attention", "hyena", "m2", "orchid"},
		"orchid train recall filter-wi": {"filter-width="},
		"orchid bench fft --transform=": {"dct1", "dct2", "dft"},
		"orchid eval ":                  {""}, // nothing: bash goes on with files
	} {
		c := exec.Command(bash, "--norc", "-c", script+`
COMP_LINE=$LINE COMP_POINT=${#LINE}
_orchid "$PROGRAM" && printf '%s\n' "${COMPREPLY[@]}"`)
		c.Env = append(os.Environ(), "ORCHID_TEST_MAIN=1", "PROGRAM="+os.Args[0], "LINE="+line)
		out, err := c.CombinedOutput()
		got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %q, want %q", line, err, got, want)
		}
	}
}

// TestShellsRead lets each shell that is here check the grammar of its script.
func TestShellsRead(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		script, stderr, code := call(t, ".", "completion", shell)
		if code != 0 || !strings.Contains(script, "complete -- ") {
			t.Fatalf("%s: exit %d: %s", shell, code, stderr)
		}
		path, err := exec.LookPath(shell)
		if err != nil {
			t.Logf("%s is not here", shell)
			continue
		}
		c := exec.Command(path, "-n")
		c.Stdin = strings.NewReader(script)
		if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v: %s", shell, err, out)
		}
	}
}
