package train

import "testing"

func TestOther(t *testing.T) {
	const behind = ": not what the run began with; give it what it had, or train into another folder"
	then := "settings: {A:1 B: 2}\ntraining data: 12\ntokenizer: ab"
	for now, want := range map[string]string{
		"settings: {A:1 B: 2}\ntraining data: 13\ntokenizer: ab": "training data",
		"settings: {A:1 B: 3}\ntraining data: 12\ntokenizer: ac": "settings, tokenizer",
		"{Width:3}, seed 1": "training data or settings of the task",
	} {
		if got := other(now, then); got != want+behind {
			t.Errorf("%q: %s", now, got)
		}
	}
}
