package signal

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/task"
)

// shapes is a .ts file of n series of two channels, of which the second comes
// down or up to 0.
func shapes(n, length int, seed uint64) []byte {
	text := "@univariate false\n@dimensions 2\n@classLabel true up down\n@data\n"
	for i := range n {
		s := random.New(seed, "series", i)
		sign, class := 1.0, "up"
		if i%2 == 0 {
			sign, class = -1, "down"
		}
		var a, b []string
		for j := range length {
			a, b = append(a, fmt.Sprint(100+s.Normal())), append(b, fmt.Sprint(sign*math.Exp(-float64(j)/3)+0.05*s.Normal()))
		}
		text += strings.Join(a, ",") + ":" + strings.Join(b, ",") + ":" + class + "\n"
	}
	return []byte(text)
}

func tinySeries(dir string) *SeriesConfig {
	c := DefaultSeries()
	c.Data, c.Fit.Batch = dir, 8
	c.Fit.Model.Width, c.Fit.Model.Depth, c.Fit.Model.Dropout = 16, 1, 0
	c.Fit.Model.Mixer.Filter.Width = 8
	return &c
}

// madeSeries builds a task and reads its data.
func madeSeries(t *testing.T, c *SeriesConfig) *Task {
	t.Helper()
	k, err := NewSeries(t.Context(), c, 1, task.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Prepare(t.Context(), nothing); err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSeriesTrains(t *testing.T) {
	dir := t.TempDir()
	write(t, shapes(24, 20, 1), dir, "X_TRAIN.ts")
	write(t, shapes(10, 20, 2), dir, "X_TEST.ts")
	for _, how := range []string{"step", "global", "sequence"} {
		c := tinySeries(dir)
		c.Fit.Normalize = how
		k := madeSeries(t, c)
		defer k.Close()
		fit(k, 40, 0.2)
		m, err := k.Evaluate(t.Context(), "test", nothing)
		if err != nil {
			t.Fatal(err)
		}
		if !testing.Short() && !(m["accuracy"] > 0.85) || !slices.Equal(k.Classes(), []string{"up", "down"}) {
			t.Errorf("%s: %v", how, m)
		}
		in, err := k.Sample()
		if err != nil {
			t.Fatal(err)
		}
		if out, err := k.Predict(in); err != nil || !slices.Equal(out.Shape, []int{4, 2}) {
			t.Errorf("%s: %v, %v", how, out, err)
		}
	}
}

// TestSeriesRefuses: bad data is one line that names the file.
func TestSeriesRefuses(t *testing.T) {
	dir := t.TempDir()
	train := write(t, shapes(8, 20, 1), dir, "X_TRAIN.ts")
	for _, c := range []struct {
		name, test string
		change     func(c *SeriesConfig)
		want       string
	}{
		{"another length", string(shapes(4, 21, 2)), func(c *SeriesConfig) { c.Fit.Normalize = "step" }, "X_TRAIN.ts:5: 20 samples where normalize=step, which measures every place, wants 21 as all others have"},
		{"another class", "@classLabel true left\n@data\n1:2:left\n", nil, `X_TEST.ts: training has no class "left"; it has ["up" "down"]`},
		{"another number of channels", "@classLabel true up\n@data\n1:up\n", nil, "X_TEST.ts: 1 channels where " + train + " has 2"},
		{"a missing value", "@classLabel true up\n@data\n1:?:up\n", nil, "X_TEST.ts:3: row 1, channel 2: a value is missing"},
		{"a longer series", string(shapes(4, 30, 2)), func(c *SeriesConfig) { c.Fit.MaxLength = 20 }, "X_TEST.ts:5: 30 samples where the model takes 20"},
	} {
		write(t, []byte(c.test), dir, "X_TEST.ts")
		conf := tinySeries(dir)
		if c.change != nil {
			c.change(conf)
		}
		k, err := NewSeries(t.Context(), conf, 1, task.Env{})
		if err == nil {
			err = k.Prepare(t.Context(), nothing)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	left := strings.Replace(string(shapes(4, 20, 2)), "up down", "up down left", 1) + "1:2:left\n"
	write(t, []byte(left), dir, "X_TEST.ts")
	skip, note := tinySeries(dir), ""
	skip.Series.BadFiles = "skip"
	if k, err := NewSeries(t.Context(), skip, 1, task.Env{Note: func(text string) { note = text }}); err != nil || k.parts.Sets["test"].Len() != 4 || !strings.Contains(note, "1 of 5 series are left out") {
		t.Errorf("another class that is left out: %v, %q", err, note)
	}
	conf := tinySeries(write(t, shapes(8, 20, 1), dir, "alone.ts"))
	k, err := NewSeries(t.Context(), conf, 1, task.Env{})
	if err == nil {
		err = k.Prepare(t.Context(), nothing)
	}
	if err == nil || !strings.Contains(err.Error(), "nothing but training sequences; name others to test on") {
		t.Errorf("no test data: %v", err)
	}
	bad := SeriesConfig{Fit: FitConfig{Signal: conf.Fit.Signal}}
	if err := bad.Validate(); err == nil || !strings.Contains(err.Error(), "data: name a folder") || !strings.Contains(err.Error(), "normalize=") {
		t.Errorf("%v", err)
	}
}

// TestEvalData: a model that knows its classes is tested on a file of its own,
// although the training data is gone.
func TestEvalData(t *testing.T) {
	dir := t.TempDir()
	train := write(t, shapes(8, 20, 1), dir, "X_TRAIN.ts")
	test := write(t, shapes(6, 15, 2), dir, "other.ts")
	c := tinySeries(dir)
	c.EvalData = test
	if _, err := NewSeries(t.Context(), c, 1, task.Env{}); err != nil {
		t.Fatal(err)
	}
	c.EvalData = dir + "/./X_TRAIN.ts"
	again := tinySeries(dir)
	again.EvalData = c.EvalData
	for _, c := range []*SeriesConfig{c, again} { // a model, and before there is one
		k, err := NewSeries(t.Context(), c, 1, task.Env{})
		if err == nil {
			_, err = k.Evaluate(t.Context(), "test", nothing)
		}
		if err == nil || !strings.Contains(err.Error(), "X_TRAIN.ts: eval-data and data both name it") {
			t.Errorf("a test on the training series: %v", err)
		}
	}
	note := ""
	k, err := NewSeries(t.Context(), c, 1, task.Env{Folder: "run", Note: func(text string) { note += text }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Evaluate(t.Context(), "test", nothing); err != nil || !strings.Contains(note, "X_TRAIN.ts: data names it too") {
		t.Errorf("%v, %q", err, note)
	}
	c.Data = dir + "/gone"
	folder := t.TempDir()
	write(t, shapes(6, 15, 2), folder, "Y_TEST.ts")
	for _, c.EvalData = range []string{test, folder} {
		var err error
		if k, err = NewSeries(t.Context(), c, 1, task.Env{}); err != nil {
			t.Fatal(err)
		}
		if m, err := k.Evaluate(t.Context(), "test", nothing); err != nil || m["majority"] != 0.5 {
			t.Errorf("%v, %v", m, err)
		}
	}
	c.Data, c.EvalData = train, folder
	if k, err := NewSeries(t.Context(), c, 1, task.Env{}); err != nil || k.Prepare(t.Context(), nothing) != nil || k.parts.Sets["test"].Len() != 6 || k.Close() != nil {
		t.Errorf("a folder to test on: %v", err)
	}
	if err := k.Prepare(t.Context(), nothing); err == nil || !strings.Contains(err.Error(), "no train sequences") {
		t.Errorf("%v", err)
	}
}

// TestScale: what is measured and applied, beside numbers by hand.
func TestScale(t *testing.T) {
	m := newMoments(2)
	m.add([]float32{1, 1e6, 3, 1e6, 5, 1e6})
	m.add([]float32{7, 1e6})
	mean, std := m.result()
	numtest.Close(t, "means", mean, []float64{4, 1e6}, 1e-7)
	numtest.Close(t, "deviations", std, []float64{math.Sqrt(5), 1}, 1e-6)
	x := []float32{1, 1e6, 3, 1e6 + 1}
	normalize(x, mean, std)
	numtest.Close(t, "normalised", x, []float64{-3 / math.Sqrt(5), 0, -1 / math.Sqrt(5), 1}, 1e-6)
	y := []float32{2, 8, 4, 8}
	newScale("sequence", 2, 0).apply(y)
	numtest.BitEqual(t, "sequence", y, []float32{-1, 0, 1, 0})
	s := newScale("step", 2, 2)
	if s.fits(2) != nil || s.fits(3) == nil || s.unit() != 4 {
		t.Error("step takes one length")
	}
}

// TestVary: each variation on numbers whose answer is known.
func TestVary(t *testing.T) {
	x := []float32{1, 2, 3, 4, 5, 6}
	for by, want := range map[int][]float32{0: {1, 2, 3, 4, 5, 6}, 2: {0, 0, 1, 2, 3, 4}, -4: {5, 6, 0, 0, 0, 0}} {
		y := slices.Clone(x)
		move(y, by)
		numtest.BitEqual(t, fmt.Sprint("moved by ", by), y, want)
	}
	seen := map[float32]bool{}
	for i := range 50 {
		s := random.New(1, "test", i)
		y := slices.Clone(x)
		FitConfig{Shift: 1}.vary(y, 2, &s)
		seen[y[2]] = true
		y = slices.Clone(x)
		FitConfig{Gain: 1}.vary(y, 2, &s)
		if r := y[3] / x[3]; !(r >= 0.5 && r <= 2) || math.Abs(float64(y[5]/x[5]-r)) > 1e-6 {
			t.Errorf("a factor of %v", r)
		}
		y = []float32{0, 5, 0, 5, 0, 5}
		FitConfig{Noise: 1}.vary(y, 2, &s)
		numtest.BitEqual(t, "noise on what never varies", y, []float32{0, 5, 0, 5, 0, 5})
	}
	if !seen[1] || !seen[3] || !seen[5] || len(seen) != 3 {
		t.Errorf("moved to %v", seen)
	}
	long := make([]float32, 20000)
	for i := range long {
		long[i] = float32(10 * math.Sin(float64(i)))
	}
	s, noisy := random.New(1, "noise"), slices.Clone(long)
	share := func() float64 { r := s; return r.Float64() }()
	FitConfig{Noise: 0.5}.vary(noisy, 1, &s)
	for i := range noisy {
		noisy[i] -= long[i]
	}
	m := newMoments(1)
	m.add(noisy)
	if _, std := m.result(); math.Abs(float64(std[0])/(0.5*share*10/math.Sqrt2)-1) > 0.03 {
		t.Errorf("noise of deviation %v", std[0])
	}
}

// TestStretch: a slow wave keeps its shape at another speed, of both channels, and
// what is drawn stays within bounds.
func TestStretch(t *testing.T) {
	const from = 200
	wave := func(u float64) float64 { return math.Sin(6 * u) }
	x := make([]float32, 2*from)
	for i := range from {
		x[2*i], x[2*i+1] = float32(wave(float64(i)/from)), float32(wave(1-float64(i)/from))
	}
	for _, to := range []int{150, 200, 263} {
		y, want := make([]float32, 2*to), make([]float64, 2*to)
		stretch(y, x, 2)
		for i := range to {
			want[2*i], want[2*i+1] = wave(float64(i)/float64(to)), wave(1-float64(i)/float64(to))
		}
		numtest.Close(t, fmt.Sprint(to, " rows"), y[4:2*to-8], want[4:2*to-8], 1e-5)
	}
	low, high := 1000, 0
	for i := range 300 {
		s := random.New(1, "pace", i)
		n := FitConfig{Speed: 0.25, MaxLength: 120}.pace(100, &s)
		low, high = min(low, n), max(high, n)
	}
	if low < 80 || low > 83 || high != 120 {
		t.Errorf("100 rows become %d to %d", low, high)
	}
}

// TestChannelNames: test series and those to classify have the channels of the
// training by name, also where that has gone.
func TestChannelNames(t *testing.T) {
	dir := t.TempDir()
	table := func(head string, swapped bool) []byte {
		text := head + "\n"
		for i := range 8 {
			x, y := fmt.Sprint(i), fmt.Sprint(100+i)
			if swapped {
				x, y = y, x
			}
			text += fmt.Sprintf("%d,%s,%s,%s\n", i, []string{"down", "up"}[i%2], x, y)
		}
		return []byte(text)
	}
	write(t, table("id,label,x,y", false), dir, "X_TRAIN.csv")
	test := write(t, table("id,label,y,x", true), dir, "X_TEST.csv")
	c := tinySeries(dir)
	k, err := NewSeries(t.Context(), c, 1, task.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.ChannelNames, []string{"x", "y"}) {
		t.Errorf("the settings are completed by %q", c.ChannelNames)
	}
	read := func(k *Task) {
		t.Helper()
		set, err := k.set(t.Context(), "test", nothing)
		if err != nil {
			t.Fatal(err)
		}
		x := make([]float32, 2)
		if err := set.Read(x, 3); err != nil {
			t.Fatal(err)
		}
		numtest.BitEqual(t, "test series", x, []float32{3, 103})
		list, _, err := k.ReadFile(test)
		if err != nil {
			t.Fatal(err)
		}
		numtest.BitEqual(t, "series to classify", list[3], []float32{3, 103})
	}
	read(k)
	stored := *c
	stored.Data, stored.EvalData = dir+"/gone", test
	if k, err = NewSeries(t.Context(), &stored, 1, task.Env{}); err != nil {
		t.Fatal(err)
	}
	read(k)
	write(t, table("id,label,u,v", false), dir, "X_TEST.csv")
	const want = `X_TEST.csv:1: the columns of channels are ["u" "v"], those of the training ["x" "y"]`
	if _, err := NewSeries(t.Context(), tinySeries(dir), 1, task.Env{}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v", err)
	}
	if _, _, err := k.ReadFile(test); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v", err)
	}
}

// TestGone: data that is not there is one line that names the setting.
func TestGone(t *testing.T) {
	dir := t.TempDir()
	write(t, shapes(8, 20, 1), dir, "X_TRAIN.ts")
	c := tinySeries(dir)
	if _, err := NewSeries(t.Context(), c, 1, task.Env{}); err != nil {
		t.Fatal(err)
	}
	for _, at := range []struct{ data, eval, want string }{
		{dir + "/gone", "", "name the folder or file of the series by data=PATH (eval: --data PATH)"},
		{dir, dir + "/gone.ts", "name the file of the test series by eval-data=PATH (eval: --data PATH)"},
	} {
		c.Data, c.EvalData = at.data, at.eval
		k, err := NewSeries(t.Context(), c, 1, task.Env{})
		if err == nil {
			_, err = k.Evaluate(t.Context(), "test", nothing)
		}
		if err == nil || !strings.Contains(err.Error(), at.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v", err)
		}
	}
}
