package probe

import (
	"time"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/bbf-build/bbf/tools/engine/digest"
)

const outputPath = "out/answer"

// salted makes an action that reads the salt from an input file, in a folder, and writes it to an output, with
// nothing but what is built into a shell. It returns all blobs that the action needs, its own among them.
func salted(salt string) (action digest.Digest, blobs [][]byte, err error) {
	add := func(m proto.Message) *repb.Digest {
		data, d, e := digest.OfMessage(m)
		if e != nil {
			err = e
		}
		blobs = append(blobs, data)
		return d.Proto()
	}
	input := []byte(salt + "\n")
	blobs = append(blobs, input)
	folder := add(&repb.Directory{Files: []*repb.FileNode{{Name: "salt", Digest: digest.Of(input).Proto()}}})
	root := add(&repb.Directory{Directories: []*repb.DirectoryNode{{Name: "in", Digest: folder}}})
	command := add(&repb.Command{
		Arguments:   []string{"/bin/sh", "-c", `read -r salt <in/salt && printf 'saw %s' "$salt" >` + outputPath},
		OutputPaths: []string{outputPath},
	})
	a := &repb.Action{
		CommandDigest:   command,
		InputRootDigest: root,
		Timeout:         durationpb.New(20 * time.Second),
		DoNotCache:      true,
	}
	data, action, e := digest.OfMessage(a)
	if e != nil {
		err = e
	}
	return action, append(blobs, data), err
}
