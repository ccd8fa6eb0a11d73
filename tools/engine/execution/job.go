package execution

import (
	"runtime"
	"strings"
	"time"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"github.com/bbf-build/bbf/tools/engine/execroot"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// job is an action with its command, read and checked.
type job struct {
	action  *repb.Action
	command *repb.Command
	root    digest.Digest
	outputs execroot.Outputs
	timeout time.Duration // 0: none
	network bool
}

// load reads an action and its command out of the store and checks whatever can be without its input tree.
func (x *Executor) load(r Request) (*job, error) {
	j := &job{action: &repb.Action{}, command: &repb.Command{}, network: x.Network}
	if err := x.message("action_digest", r.Action, j.action); err != nil {
		return j, err
	}
	commandDigest, err := digest.FromProto("action.command_digest", j.action.GetCommandDigest())
	if err != nil {
		return j, err
	}
	if j.root, err = digest.FromProto("action.input_root_digest", j.action.GetInputRootDigest()); err != nil {
		return j, err
	}
	if err := x.message("action.command_digest", commandDigest, j.command); err != nil {
		return j, err
	}
	if j.outputs, err = execroot.ParseOutputs(j.command); err != nil {
		return j, err
	}
	return j, j.check()
}

func (x *Executor) message(field string, d digest.Digest, into proto.Message) error {
	data, err := x.Store.Read(d)
	if err != nil {
		return err
	}
	if err := proto.Unmarshal(data, into); err != nil {
		return status.Errorf(codes.InvalidArgument, "%s: blob %s is not a %s: %v", field, d, into.ProtoReflect().Descriptor().Name(), err)
	}
	return nil
}

func (j *job) check() error {
	if len(j.command.GetArguments()) == 0 || j.command.GetArguments()[0] == "" {
		return status.Error(codes.InvalidArgument, "command.arguments: there is no program to run")
	}
	for i, a := range j.command.GetArguments() {
		if strings.ContainsRune(a, 0) {
			return status.Errorf(codes.InvalidArgument, "command.arguments[%d]: contains a NUL byte", i)
		}
	}
	for _, v := range j.command.GetEnvironmentVariables() {
		if v.GetName() == "" || strings.ContainsAny(v.GetName(), "=\x00") || strings.ContainsRune(v.GetValue(), 0) {
			return status.Errorf(codes.InvalidArgument, "command.environment_variables: %q can't be set: the name is empty or has a '=', or there is a NUL byte", v.GetName())
		}
	}
	if t := j.action.GetTimeout(); t != nil {
		if err := t.CheckValid(); err != nil || t.AsDuration() < 0 {
			return status.Errorf(codes.InvalidArgument, "action.timeout: %v is not a duration of 0 or more", t)
		}
		j.timeout = t.AsDuration()
	}
	return j.platform()
}

// platform heeds the properties that mean something here. Others are accepted: they name what other clusters offer,
// and an engine on the user's own machine offers what the machine has.
func (j *job) platform() error {
	platform := j.action.GetPlatform() // takes precedence over the command's (remote_execution.proto, Action.platform)
	if platform == nil {
		//lint:ignore SA1019 clients of versions before 2.2 know no other place for it
		platform = j.command.GetPlatform()
	}
	for _, p := range platform.GetProperties() {
		switch p.GetName() {
		case "network":
			switch p.GetValue() {
			case "on", "off":
				j.network = p.GetValue() == "on"
			default:
				return status.Errorf(codes.InvalidArgument, "platform property network: %q is neither \"on\" nor \"off\"", p.GetValue())
			}
		case "OSFamily":
			if !strings.EqualFold(p.GetValue(), runtime.GOOS) && !(runtime.GOOS == "darwin" && strings.EqualFold(p.GetValue(), "macos")) {
				return status.Errorf(codes.FailedPrecondition, "platform property OSFamily: the action is for %q, this engine runs on %s", p.GetValue(), runtime.GOOS)
			}
		}
	}
	return nil
}
