package workspace

import (
	"fmt"
	"os"
)

// ProgramPath is where the workspace keeps the program that brought its cluster up: `bazel clean` deletes what Bazel has compiled, and
// without a disk cache the next verb would take minutes.
func (w Workspace) ProgramPath() string { return w.Path(Dir, "bbf") }

// KeepProgram makes ProgramPath the program at exe: a hard link, which costs nothing, or a copy.
func (w Workspace) KeepProgram(exe string) error {
	want, err := os.Stat(exe)
	if err != nil {
		return fmt.Errorf("keeping bbf in the workspace: %w", err)
	}
	if have, err := os.Stat(w.ProgramPath()); err == nil && os.SameFile(have, want) {
		return nil
	}
	beside := fmt.Sprintf("%s.%d", w.ProgramPath(), os.Getpid())
	defer os.Remove(beside) // nothing is there any more when all went well
	if os.Link(exe, beside) == nil {
		if err := os.Rename(beside, w.ProgramPath()); err != nil {
			return fmt.Errorf("keeping bbf in the workspace: %w", err)
		}
		return nil
	}
	data, err := os.ReadFile(exe)
	if err == nil {
		_, err = WriteFile(w.ProgramPath(), data, 0o755)
	}
	if err != nil {
		return fmt.Errorf("keeping bbf in the workspace: %w", err)
	}
	return nil
}
