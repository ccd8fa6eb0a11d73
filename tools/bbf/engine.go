//go:build unix

package main

import (
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/bbf-build/bbf/tools/bbf/cli"
	"github.com/bbf-build/bbf/tools/cluster/local"
)

const engineLong = `Run the engine in the foreground, until SIGTERM or Ctrl-C. This is what ` + "`up`" + ` starts; nobody else needs it.`

func newEngine() *cobra.Command {
	cmd := &cobra.Command{Use: "engine", Short: "Run the engine in the foreground", Long: engineLong, Hidden: true, Args: cli.NoArgs}
	var o local.EngineOptions
	var cache cli.Size
	verbose := cmd.Flags().Bool("verbose", false, "log more")
	cmd.Flags().StringVar(&o.Listen, "listen", "", "also listen on this `address` of the loopback device")
	cmd.Flags().Var(&cache, "cache-size", "bound of the cache")
	cmd.Flags().IntVar(&o.Slots, "slots", 0, "actions that run at once")
	cmd.Flags().BoolVar(&o.NoSandbox, "no-sandbox", os.Getenv("BBF_NO_SANDBOX") != "", "run actions as plain processes; also $BBF_NO_SANDBOX")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		p, err := local.FindPaths(os.Getenv)
		if err != nil {
			return err
		}
		level := slog.LevelInfo
		if *verbose {
			level = slog.LevelDebug
		}
		o.CacheSize = int64(cache)
		o.Log = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: level}))
		slog.SetDefault(o.Log)
		return local.RunEngine(cmd.Context(), p, o)
	}
	return cmd
}
