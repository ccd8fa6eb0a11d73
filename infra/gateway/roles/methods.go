// Package roles says who may call what. The methods are named here one by one: what isn't named, nobody may call from outside of the cluster.
package roles

import (
	"strings"

	"google.golang.org/grpc/codes"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/gateway/relay"
)

// methods are those that people and CI may call, with the least role that may. Buildfarm offers more: its own administration, queues that only
// workers need, and services that fetch any address on behalf of a caller.
var methods = map[string]certificates.Role{
	reapi + "Capabilities/GetCapabilities": certificates.RoleReader,

	reapi + "ActionCache/GetActionResult":    certificates.RoleReader,
	reapi + "ActionCache/UpdateActionResult": certificates.RoleBuilder,

	reapi + "ContentAddressableStorage/FindMissingBlobs":     certificates.RoleReader,
	reapi + "ContentAddressableStorage/BatchReadBlobs":       certificates.RoleReader,
	reapi + "ContentAddressableStorage/GetTree":              certificates.RoleReader,
	reapi + "ContentAddressableStorage/SplitBlob":            certificates.RoleReader,
	reapi + "ContentAddressableStorage/GetChunkMapping":      certificates.RoleReader,
	reapi + "ContentAddressableStorage/BatchUpdateBlobs":     certificates.RoleBuilder,
	reapi + "ContentAddressableStorage/SpliceBlob":           certificates.RoleBuilder,
	reapi + "ContentAddressableStorage/RegisterChunkMapping": certificates.RoleBuilder,

	"/google.bytestream.ByteStream/Read":             certificates.RoleReader,
	"/google.bytestream.ByteStream/Write":            certificates.RoleBuilder,
	"/google.bytestream.ByteStream/QueryWriteStatus": certificates.RoleBuilder,

	reapi + "Execution/Execute":       certificates.RoleBuilder,
	reapi + "Execution/WaitExecution": certificates.RoleBuilder,

	"/google.longrunning.Operations/GetOperation":    certificates.RoleBuilder,
	"/google.longrunning.Operations/ListOperations":  certificates.RoleBuilder,
	"/google.longrunning.Operations/WaitOperation":   certificates.RoleBuilder,
	"/google.longrunning.Operations/CancelOperation": certificates.RoleBuilder,
	"/google.longrunning.Operations/DeleteOperation": certificates.RoleBuilder,

	"/grpc.health.v1.Health/Check": certificates.RoleReader,
	"/grpc.health.v1.Health/Watch": certificates.RoleReader,
}

const reapi = "/build.bazel.remote.execution.v2."

// Check returns why somebody may not call a method, by its HTTP path; nil when he may.
func Check(who certificates.Identity, path string) *relay.Refusal {
	method := strings.TrimPrefix(path, "/")
	least, known := methods[path]
	switch {
	case who.Role.Task():
		return relay.Refuse(codes.PermissionDenied,
			"the certificate of a %s is for connections between the tasks of a cluster; to build, use one of a builder", who.Role)
	case !known:
		return relay.Refuse(codes.PermissionDenied, "%q is not offered by this cluster", method)
	case who.Role == certificates.RoleBuilder, who.Role == least:
		return nil
	}
	return relay.Refuse(codes.PermissionDenied,
		"%s may not call %s: a reader may only read the caches; ask for the role builder in the access list of bbf.yaml", who.Name, method)
}
