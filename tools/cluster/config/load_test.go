package config_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/tools/cluster/config"
)

func TestLoad(t *testing.T) {
	write := func(t *testing.T, text string) string {
		root := t.TempDir()
		if err := os.WriteFile(filepath.Join(root, config.File), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return root
	}
	t.Run("WhenThereIsNoFile", func(t *testing.T) {
		if c, err := config.Load(t.TempDir()); c != nil || err != nil {
			t.Error(c, err)
		}
	})
	t.Run("WhenItIsRight", func(t *testing.T) {
		c, err := config.Load(write(t, team))
		if err != nil || c.Cluster != "acme-builds" || c.AWS.Function != "acme-builds-manager" {
			t.Error(c, err)
		}
	})
	t.Run("WhenItIsWrong", func(t *testing.T) {
		c, err := config.Load(write(t, "backend: loacl\n"))
		var mistakes config.Mistakes
		if c != nil || !errors.As(err, &mistakes) || mistakes[0].Path != "backend" || mistakes[0].File != config.File {
			t.Error(c, err)
		}
	})
	t.Run("WhenItIsHuge", func(t *testing.T) {
		_, err := config.Load(write(t, strings.Repeat("#\n", 1<<20)))
		if err == nil || !strings.Contains(err.Error(), "larger than 64 KiB") {
			t.Error(err)
		}
	})
	t.Run("WhenItIsAFolder", func(t *testing.T) {
		root := t.TempDir()
		if err := os.Mkdir(filepath.Join(root, config.File), 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(root); err == nil || !strings.Contains(err.Error(), "is no file") {
			t.Error(err)
		}
	})
	t.Run("WhenItIsALinkToNothing", func(t *testing.T) {
		root := t.TempDir()
		if err := os.Symlink("nowhere", filepath.Join(root, config.File)); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(root); err == nil {
			t.Error("a broken link is as no file")
		}
	})
	t.Run("WhenThereIsNoWorkspace", func(t *testing.T) {
		root := filepath.Join(write(t, team), config.File, "below")
		if _, err := config.Load(root); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	})
}

func TestMistakesHaveAtMostAPage(t *testing.T) {
	var text strings.Builder
	for i := range 50 {
		fmt.Fprintf(&text, "unknown%d: 1\n", i)
	}
	_, err := config.Parse("bbf.yaml", []byte(text.String()))
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 21 || lines[20] != "bbf.yaml: and 30 more mistakes" {
		t.Errorf("%d lines: %v", len(lines), err)
	}
	if mistakes := err.(config.Mistakes); len(mistakes) != 50 {
		t.Errorf("%d mistakes", len(mistakes))
	}
}
