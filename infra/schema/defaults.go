package schema

import "time"

// Defaults fills in what a configuration leaves out. What it fills in is what the JSON schema says.
func Defaults(c *Config) {
	set(&c.Backend, BackendLocal)
	set(&c.Idle, Duration(20*time.Minute))
	awsDefaults(&c.AWS, c.Cluster)
	set(&c.Server.CPU, 2)
	set(&c.Server.Memory, 8192)
	workersDefaults(&c.Workers)
	authDefaults(&c.Auth)
}

func awsDefaults(a *AWS, cluster string) {
	if a.VPC == (VPC{}) {
		a.VPC.New = &NewVPC{}
	}
	if a.VPC.New != nil {
		set(&a.VPC.New.CIDR, "10.90.0.0/16")
		set(&a.VPC.New.Zones, 2)
	}
	set(&a.LogRetention, 30)
	set(&a.Architecture, "arm64")
	if cluster == "" {
		return // the local backend needs no names
	}
	set(&a.Stacks.Infra, cluster+"-infra")
	set(&a.Stacks.Manager, cluster+"-manager")
	set(&a.Stacks.Server, cluster+"-server")
	set(&a.Stacks.Workers, cluster+"-workers")
	set(&a.ECSCluster, cluster)
	set(&a.LogGroup, "/bbf/"+cluster)
	set(&a.Function, cluster+"-manager")
}

func workersDefaults(w *Workers) {
	set(&w.Image, "debian:bookworm")
	set(&w.CPU, 4)
	set(&w.Memory, 8192)
	set(&w.Disk, 50)
	set(&w.Max, 10)
	set(&w.Default, max(w.Min, min(2, w.Max)))
}

func authDefaults(a *Auth) {
	if *a == (Auth{}) {
		a.Issued = &IssuedAuth{}
	}
	if a.Issued != nil {
		set(&a.Issued.Validity, Duration(12*time.Hour))
	}
	if a.ACMPCA != nil {
		set(&a.ACMPCA.Validity, Duration(12*time.Hour))
	}
}

// set gives a field that isn't set its default.
func set[T comparable](field *T, value T) {
	var unset T
	if *field == unset {
		*field = value
	}
}
