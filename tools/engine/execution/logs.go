package execution

import (
	"fmt"
	"io"
	"os"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/cas"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"github.com/bbf-build/bbf/tools/engine/execroot"
	"google.golang.org/protobuf/proto"
)

// inlineLimit is the size in bytes up to which a response carries an action's standard output or error itself.
const inlineLimit = 32 << 10

// logs are the files that take an action's standard output and error.
type logs struct{ stdout, stderr *os.File }

func openLogs(root *execroot.Root) (*logs, error) {
	stdout, err := os.OpenFile(root.Scratch("stdout"), os.O_CREATE|os.O_TRUNC|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("failed to make the file for the action's output: %w", err)
	}
	stderr, err := os.OpenFile(root.Scratch("stderr"), os.O_CREATE|os.O_TRUNC|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		stdout.Close()
		return nil, fmt.Errorf("failed to make the file for the action's errors: %w", err)
	}
	return &logs{stdout, stderr}, nil
}

func (l *logs) Close() {
	l.stdout.Close()
	l.stderr.Close()
}

// store puts both into the store and names them in the result; an empty one is not named.
func (l *logs) store(store *cas.Store, result *repb.ActionResult) (err error) {
	if result.StdoutDigest, err = storeLog(store, l.stdout); err != nil {
		return err
	}
	result.StderrDigest, err = storeLog(store, l.stderr)
	return err
}

func storeLog(store *cas.Store, file *os.File) (*repb.Digest, error) {
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return nil, err
	}
	if info.Size() > inlineLimit {
		d, err := store.Adopt(file.Name())
		return d.Proto(), err
	}
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(io.NewSectionReader(file, 0, info.Size()), data); err != nil {
		return nil, err
	}
	d, err := store.Put(data)
	return d.Proto(), err
}

// inlineLogs is the result with the logs in it that are small, so that the client need not ask for them.
func (x *Executor) inlineLogs(result *repb.ActionResult) *repb.ActionResult {
	if result.GetStdoutDigest() == nil && result.GetStderrDigest() == nil {
		return result
	}
	result = proto.Clone(result).(*repb.ActionResult)
	x.inline(&result.StdoutRaw, result.GetStdoutDigest())
	x.inline(&result.StderrRaw, result.GetStderrDigest())
	return result
}

func (x *Executor) inline(raw *[]byte, p *repb.Digest) {
	if p == nil || len(*raw) > 0 || p.GetSizeBytes() > inlineLimit {
		return
	}
	// A log that can't be read stays named by its digest: the client asks for it and gets the error there.
	if d, err := digest.FromProto("log", p); err == nil {
		if data, err := x.Store.Read(d); err == nil {
			*raw = data
		}
	}
}
