// Package images makes the images that a cluster's tasks run, without Docker:
//
//	server   Buildfarm's own image of its server, with what it is started by
//	worker   the image that actions are to see, with Buildfarm's worker, its Java and its execution wrappers below /opt/bbf
//	gateway  one static program, and the certificates of the public authorities
//	redis    as it is
//
// The same inputs make the same digests, on every machine and at any time. Where things lie in Buildfarm's images is in Upstream.
package images

import (
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Names of the images, and of the last part of their repositories.
const (
	Server  = "server"
	Worker  = "worker"
	Gateway = "gateway"
	Redis   = "redis"
)

// Names are all of them, in the order that they are made in.
var Names = []string{Redis, Gateway, Server, Worker}

// Where things lie in our images. What is below /bbf/config is written by the gateway, beside which a container runs.
const (
	Home        = "/opt/bbf"
	JRE         = Home + "/jre"
	Java        = JRE + "/bin/java"
	ServerJar   = Home + "/buildfarm/server.jar"
	WorkerJar   = Home + "/buildfarm/worker.jar"
	Wrappers    = Home + "/wrappers" // folder of as-nobody and others
	OptionsFile = "/bbf/config/jvm.options"
	ConfigFile  = "/bbf/config/config.yml"
	GatewayFile = "/gateway"
)

// Default sources. They are named by digest in what `bbf images` records.
const (
	DefaultServer = "bazelbuild/buildfarm-server:2.17.0"
	DefaultWorker = "bazelbuild/buildfarm-worker:2.17.0"
	DefaultRedis  = "redis:7.4-bookworm"
)

// epoch is the time of everything that we make: images have no other than that of their inputs.
var epoch = v1.Time{Time: time.Unix(0, 0).UTC()}

// layerType is the media type that our layer needs to lie on top of an image.
func layerType(base v1.Image) (types.MediaType, error) {
	m, err := base.MediaType()
	if err != nil {
		return "", err
	}
	if m == types.DockerManifestSchema2 {
		return types.DockerLayer, nil
	}
	return types.OCILayer, nil
}

// onTop puts our layer on an image and changes what a container of it runs.
func onTop(base v1.Image, l v1.Layer, change func(*v1.Config)) (v1.Image, error) {
	mediaType, err := l.MediaType()
	if err != nil {
		return nil, err
	}
	image, err := mutate.Append(base, mutate.Addendum{Layer: l, MediaType: mediaType,
		History: v1.History{Created: epoch, CreatedBy: "bbf images"}})
	if err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	change(&file.Config)
	return mutate.ConfigFile(image, file)
}
