package cost

// monthHours is what AWS calls a month in its own examples.
const monthHours = 730

// Kept is what there is of a cluster while it is down, and what the safety net does meanwhile.
type Kept struct {
	Images  float64 // GB in ECR
	Bucket  float64 // GB in S3: the manager's code, the configuration and their old versions
	Logs    float64 // GB in CloudWatch Logs, as stored (compressed)
	Ticks   float64 // scheduled calls of the manager in an hour
	Seconds float64 // that one takes
	Memory  float64 // GB that the manager has
	ARM     bool    // the manager's architecture
}

// Usual is a cluster with two GB of images and the month of logs of a small team.
func Usual() Kept {
	return Kept{Images: 2, Bucket: 0.1, Logs: 0.5, Ticks: 4, Seconds: 0.2, Memory: 0.25, ARM: true}
}

// What a tick does, above its run time: it reads configuration, state and activity, and logs a few lines.
const (
	getsPerTick = 3
	logPerTick  = 1.0 / (1 << 20) // GB: 1 KiB
)

// Month is what stays to be paid while the cluster is down. All else that `setup` makes is free while nothing runs: VPC, subnets, internet
// gateway, security groups, roles, ECS cluster and services, stacks, Function URL, the schedule.
func (p *Prices) Month(region string, k Kept) Estimate {
	prices := p.Regions[region]
	e := Estimate{Region: region, Date: prices.Newest()}
	ticks := k.Ticks * monthHours
	compute := LambdaGBs
	if k.ARM {
		compute = LambdaARMGBs
	}
	e.add(prices, "images in ECR, in GB", k.Images, ECRStorage)
	e.add(prices, "the bucket, in GB", k.Bucket, S3Storage)
	e.add(prices, "kept logs, in GB", k.Logs, LogsStorage)
	e.add(prices, "the safety net: calls of the manager", ticks, Lambda)
	e.add(prices, "the safety net: its run time in GB-seconds", ticks*k.Seconds*k.Memory, compute)
	e.add(prices, "the safety net: reads of the bucket", ticks*getsPerTick, S3Get)
	e.add(prices, "the safety net: its log, in GB", ticks*logPerTick, LogsIn)
	return e
}
