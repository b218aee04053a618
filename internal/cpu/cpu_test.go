package cpu

import "testing"

func TestLimit(t *testing.T) {
	before := Best()
	for _, l := range Levels {
		restore := Limit(l)
		if Best() > l || Best() > before {
			t.Errorf("limited to %v, best is %v", l, Best())
		}
		restore()
		if Best() != before {
			t.Fatalf("restore left %v, want %v", Best(), before)
		}
	}
}

func TestString(t *testing.T) {
	for l, want := range map[Level]string{Portable: "portable", AVX2: "avx2", AVX512: "avx512"} {
		if l.String() != want {
			t.Errorf("%d is called %q", l, l)
		}
	}
}
