package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"

	"github.com/alecthomas/kong"

	"github.com/orchid-seq/orchid/live"
)

// A pageFlag asks for a live page: --ui, --ui=ADDR or --ui ADDR.
type pageFlag struct {
	asked   bool
	address string // "" for the default
}

// hostPort is how an address is told from the argument that follows a bare --ui.
var hostPort = regexp.MustCompile(`^[^=/\\]*:\d+$`)

// Decode implements kong.MapperValue.
func (p *pageFlag) Decode(ctx *kong.DecodeContext) error {
	p.asked = true
	next := ctx.Scan.Peek()
	text, _ := next.Value.(string)
	if next.Type == kong.FlagValueToken || next.Type == kong.UntypedToken && hostPort.MatchString(text) {
		ctx.Scan.Pop()
		p.address = text
	}
	return nil
}

// IsBool implements kong.BoolMapperValue: the flag needs no value.
func (*pageFlag) IsBool() bool { return true }

// open serves a page of the runs below some folders, nil if none was asked for, and
// says where.
func (p pageFlag) open(show *screen, dirs ...string) (*live.Server, error) {
	if !p.asked {
		return nil, nil
	}
	page, err := live.Listen(p.address)
	if err != nil {
		return nil, usageError{fmt.Errorf("--ui=%s: %w; want host:port, such as %s", p.address, err, live.Address)}
	}
	for _, dir := range dirs {
		page.Watch(dir)
	}
	show.say("live page: " + page.URL())
	if page.Open() {
		show.say("orchid: whoever reaches this machine can see the page: it shows folders, settings and curves")
	}
	return page, nil
}

// withPage trains, with a live page if one was asked for, which stays after the end
// while it is open somewhere.
func (c trainCmd) withPage(ctx context.Context, g *Globals) (err error) {
	show := newScreen(g.Quiet)
	if c.page, err = c.UI.open(show); err != nil {
		return err
	}
	if c.page == nil {
		return c.run(ctx, g)
	}
	err = c.run(ctx, g)
	if err == nil && c.page.Watched() {
		show.line("the live page is open somewhere: it stays until it is closed, or Ctrl-C")
		c.page.Linger(ctx)
	}
	return errors.Join(err, c.page.Close())
}

// watch serves the page of the runs below some folders until Ctrl-C.
func (c reportCmd) watch(ctx context.Context, g *Globals) error {
	if c.HTML != "" || c.Markdown != "" || c.SVG != "" || c.JSON || c.Lengths != nil || c.Kernels != "" {
		return usageError{errors.New("--watch serves a page and writes nothing: leave the other flags out")}
	}
	for _, dir := range c.Dirs {
		if info, err := os.Stat(dir); err != nil {
			return err
		} else if !info.IsDir() {
			return fmt.Errorf("%s: want a folder below which there are runs", dir)
		}
	}
	c.UI.asked = true
	page, err := c.UI.open(newScreen(g.Quiet), c.Dirs...)
	if err != nil {
		return err
	}
	<-ctx.Done()
	return errors.Join(page.Close(), ctx.Err())
}
