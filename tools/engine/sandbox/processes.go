package sandbox

import "errors"

// processes runs actions as plain processes, which see the whole machine. Only their exec root is their own.
type processes struct{}

func newProcesses() processes { return processes{} }

// Kind implements Runner.
func (processes) Kind() string { return "processes" }

// Close implements Runner.
func (processes) Close() error { return nil }

// checkPlain is check for a Spec that a runner without mounts can run.
func (s *Spec) checkPlain() error {
	if err := s.check(); err != nil {
		return err
	}
	if len(s.Root) != 1 || s.Root[0].Lower != "" || s.Root[0].Upper == "" {
		return errors.New("without namespaces an exec root has to be one plain folder")
	}
	return nil
}
