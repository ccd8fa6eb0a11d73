package schema

// Size is what Fargate offers for one number of vCPU: memory from Min to Max in steps of Step, in MiB.
type Size struct {
	CPU            float64
	Min, Max, Step int
}

// Sizes are the Linux tasks that Fargate offers, smallest first
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html). A quarter of a vCPU is the only one
// whose memory has no even step: 512, 1024 or 2048.
var Sizes = []Size{
	{0.25, 512, 2048, 512},
	{0.5, 1024, 4096, 1024},
	{1, 2048, 8192, 1024},
	{2, 4096, 16384, 1024},
	{4, 8192, 30720, 1024},
	{8, 16384, 61440, 4096},
	{16, 32768, 122880, 8192},
}

// Memory lists what the size has, in MiB, smallest first.
func (s Size) Memory() []int {
	var all []int
	for m := s.Min; m <= s.Max; m += s.Step {
		if s.CPU != 0.25 || m != 1536 {
			all = append(all, m)
		}
	}
	return all
}

// SizeOf returns the size with that many vCPU.
func SizeOf(cpu float64) (s Size, offered bool) {
	for _, s := range Sizes {
		if s.CPU == cpu {
			return s, true
		}
	}
	return Size{}, false
}
