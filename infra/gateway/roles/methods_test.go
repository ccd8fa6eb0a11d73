package roles_test

import (
	"testing"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/genproto/googleapis/bytestream"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/gateway/roles"
)

// may says who may call what. A method that is new in the API is missing here, and fails the test.
var may = map[string][2]bool{ // reader, builder
	"GetCapabilities": {true, true}, "GetActionResult": {true, true}, "FindMissingBlobs": {true, true}, "BatchReadBlobs": {true, true},
	"GetTree": {true, true}, "GetChunkMapping": {true, true}, "RegisterChunkMapping": {false, true}, "SplitBlob": {true, true}, "Read": {true, true},
	"UpdateActionResult": {false, true}, "BatchUpdateBlobs": {false, true}, "SpliceBlob": {false, true}, "Write": {false, true},
	"QueryWriteStatus": {false, true}, "Execute": {false, true}, "WaitExecution": {false, true},
}

func TestEveryMethodOfTheAPI(t *testing.T) {
	api := grpc.NewServer()
	repb.RegisterCapabilitiesServer(api, repb.UnimplementedCapabilitiesServer{})
	repb.RegisterActionCacheServer(api, repb.UnimplementedActionCacheServer{})
	repb.RegisterContentAddressableStorageServer(api, repb.UnimplementedContentAddressableStorageServer{})
	repb.RegisterExecutionServer(api, repb.UnimplementedExecutionServer{})
	bytestream.RegisterByteStreamServer(api, &bytestream.UnimplementedByteStreamServer{})
	for service, info := range api.GetServiceInfo() {
		for _, m := range info.Methods {
			want, known := may[m.Name]
			if !known {
				t.Errorf("it isn't decided who may call %s", m.Name)
			}
			for i, role := range []certificates.Role{certificates.RoleReader, certificates.RoleBuilder} {
				if got := check(role, "/"+service+"/"+m.Name); got != want[i] {
					t.Errorf("%s, %s: %v", role, m.Name, got)
				}
			}
		}
	}
}

func check(role certificates.Role, path string) bool {
	return roles.Check(certificates.Identity{Cluster: "acme", Role: role, Name: "n"}, path) == nil
}

func TestWhatIsNotNamedIsRefused(t *testing.T) {
	for _, path := range []string{
		"", "/", "*", "/build.buildfarm.v1test.Admin/StopContainer", "/build.bazel.remote.asset.v1.Fetch/FetchBlob",
		"build.bazel.remote.execution.v2.Execution/Execute", "//build.bazel.remote.execution.v2.Execution/Execute",
		"/build.bazel.remote.execution.v2.Execution/Execute?", "/build.bazel.remote.execution.v2.Execution/execute",
	} {
		for _, role := range append(certificates.Roles(), "") {
			r := roles.Check(certificates.Identity{Cluster: "acme", Role: role, Name: "n"}, path)
			if r == nil || r.Code != codes.PermissionDenied || r.Message == "" {
				t.Errorf("%q as %q: %v", path, role, r)
			}
		}
	}
	if check("", "/build.bazel.remote.execution.v2.Capabilities/GetCapabilities") {
		t.Error("somebody without a role may read")
	}
}
