// Command orchid trains, evaluates and measures Orchid models.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/train"
)

// Exit codes of the contract.
const (
	exitFailure     = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// mostThreads bounds a mistyped --threads.
const mostThreads = 4096

// cli is the command line, a struct a verb.
type cli struct {
	Globals

	Train    trainCmd    `cmd:"" help:"Fit a model and write a model folder."`
	Plan     planCmd     `cmd:"" help:"Predict memory and time of a training on this machine."`
	Eval     evalCmd     `cmd:"" help:"Score a model folder, trivial baselines beside it."`
	Data     dataCmd     `cmd:"" help:"Read the data of a training and say what is in it."`
	Predict  predictCmd  `cmd:"" help:"Label texts, pictures, sound or series, or fill masks: JSON lines out."`
	Embed    embedCmd    `cmd:"" help:"Turn texts into vectors: JSON lines out."`
	FillMask fillMaskCmd `cmd:"" help:"Show words for each [MASK] in a text."`
	Serve    serveCmd    `cmd:"" help:"Answer over HTTP with models of text."`
	Inspect  inspectCmd  `cmd:"" help:"Show configuration, tensors, sizes and history of a model folder."`
	Report   reportCmd   `cmd:"" help:"Collect runs into tables, plots and one page."`
	Export   exportCmd   `cmd:"" help:"Write a model for other programs: PyTorch."`
	Import   importCmd   `cmd:"" help:"Make a model folder of a BERT from Hugging Face, or of a layer of the authors."`
	Verify   verifyCmd   `cmd:"" help:"Recompute golden files of the authors' layer, or a model folder's self-test."`
	Bench    benchCmd    `cmd:"" help:"Measure the engine on this machine."`
	Version  versionCmd  `cmd:"" help:"Show version, Go and the kernel level in use."`

	Completion completionCmd `cmd:"" help:"Print a script that completes words in a shell."`
	Help       helpCmd       `cmd:"" help:"Show the help of a verb."`
	Complete   completeCmd   `cmd:"" hidden:"" help:"Print the words that may come next."`
	Man        manCmd        `cmd:"" hidden:"" help:"Write pages for man."`
}

// Globals are the flags of every verb.
type Globals struct {
	Threads int     `help:"Worker threads; 0 for one a core." placeholder:"N"`
	Seed    *uint64 `help:"Seed of all random numbers (train, import)." placeholder:"N"`
	Quiet   bool    `short:"q" help:"Print results and errors only."`
}

func main() {
	// The heap is a few large buffers: to look for free ones more often than Go
	// does by itself costs little and saves a third of the memory.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(25)
	}
	os.Exit(run(os.Args[1:]))
}

// run is main with the exit status as its result.
func run(args []string) int {
	var c cli
	parser, err := newParser(&c)
	if err != nil {
		panic(err) // the struct above is wrong
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(settingsLast(parser, args))
	if err != nil {
		fmt.Fprintf(os.Stderr, "orchid: %v\n", err)
		return exitUsage
	}
	if c.Threads < 0 || c.Threads > mostThreads {
		fmt.Fprintf(os.Stderr, "orchid: --threads=%d: want 1 to %d, or 0 for one a core\n", c.Threads, mostThreads)
		return exitUsage
	}
	if c.Threads > 0 {
		par.SetThreads(c.Threads)
	}
	// The first Ctrl-C asks for an orderly end, the second one ends at once.
	// A closed terminal is such an end too; a closed pipe makes writes fail and
	// must not end a training.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop)
	defer stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(&c.Globals); err != nil {
		return status(err)
	}
	if errors.Is(stdout.err, syscall.EPIPE) {
		return exitFailure // the reader has gone and knows it
	}
	return status(stdout.err)
}

// newParser reads a command line into c.
func newParser(c *cli) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name("orchid"),
		kong.Description("Train and use Orchid models: data-dependent long convolutions on ordinary CPUs."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"tasks": strings.Join(experiment.Names(), ", ")},
		kong.Vars(serveVars()),
		kong.Exit(func(code int) { os.Exit(code) }),
	)
}

// settingsLast moves key=value arguments behind the flags, since the parser
// takes a list of arguments only in one piece. What follows a flag that wants a
// value, or --, stays where it is.
func settingsLast(parser *kong.Kong, args []string) []string {
	switches := map[string]bool{"-q": true} // flags without a value
	for _, node := range parser.Model.Leaves(true) {
		for _, group := range node.AllFlags(true) {
			for _, f := range group {
				switches["--"+f.Name] = switches["--"+f.Name] || f.IsBool()
			}
		}
	}
	var first, last []string
	for i, arg := range args {
		if arg == "--" {
			return slices.Concat(first, last, args[i:])
		}
		afterFlag := i > 0 && strings.HasPrefix(args[i-1], "-") && !strings.Contains(args[i-1], "=") && !switches[args[i-1]]
		if !strings.HasPrefix(arg, "-") && strings.Contains(arg, "=") && !afterFlag {
			last = append(last, arg)
		} else {
			first = append(first, arg)
		}
	}
	return append(first, last...)
}

// usageError is a mistake on the command line rather than in the world.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// errSaid is a failure that has been told already.
var errSaid = errors.New("failed")

// status prints an error, a line a fault, and returns the exit status.
func status(err error) int {
	if err == nil {
		return 0
	}
	if errors.Is(err, errSaid) {
		return exitFailure
	}
	text := err.Error()
	if errors.Is(err, context.Canceled) && !errors.Is(err, train.ErrInterrupted) {
		text = train.ErrInterrupted.Error() // whatever was going on
	}
	for line := range strings.Lines(text) {
		fmt.Fprintf(os.Stderr, "orchid: %s\n", strings.TrimRight(line, "\n"))
	}
	var usage usageError
	switch {
	case errors.Is(err, train.ErrInterrupted), errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &usage):
		return exitUsage
	}
	return exitFailure
}
