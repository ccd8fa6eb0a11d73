package cost

import "github.com/bbf-build/bbf/infra/manager/api"

// freeDisk is the GiB of disk that every Fargate task has for nothing.
const freeDisk = 20

// Tasks are Fargate tasks of one size.
type Tasks struct {
	Name   string // what they are, such as "server"
	Count  int
	CPU    float64 // vCPU
	Memory int     // MiB
	Disk   int     // GiB; 0 for what is free
	Spot   bool
	ARM    bool
}

// Running are the tasks of a service that are paid for now: from the pull of the image on, so those that start count.
func Running(name string, s api.Service) Tasks {
	return Planned(name, s, s.Running+s.Pending)
}

// Planned are n tasks of a service's size.
func Planned(name string, s api.Service, n int) Tasks {
	return Tasks{Name: name, Count: n, CPU: s.CPU, Memory: s.Memory, Disk: s.Disk, Spot: s.Spot}
}

// Hour is what an hour of the tasks costs. Each has a public IPv4 address, for there is no NAT gateway.
// https://aws.amazon.com/fargate/pricing/ and https://aws.amazon.com/vpc/pricing/
func (p *Prices) Hour(region string, groups ...Tasks) Estimate {
	prices := p.Regions[region]
	e := Estimate{Region: region, Date: prices.Newest()}
	addresses := 0.0
	for _, t := range groups {
		n := float64(t.Count)
		cpu, memory := t.items()
		e.add(prices, t.Name+": vCPU", n*t.CPU, cpu)
		e.add(prices, t.Name+": memory in GB", n*float64(t.Memory)/1024, memory)
		e.add(prices, t.Name+": disk in GB above 20", n*float64(t.Disk-freeDisk), Disk)
		addresses += n
	}
	e.add(prices, "public addresses", addresses, IPv4)
	return e
}

func (t Tasks) items() (cpu, memory Item) {
	switch {
	case t.Spot && t.ARM:
		return ARMSpotVCPU, ARMSpotMem
	case t.Spot:
		return SpotVCPU, SpotMemory
	case t.ARM:
		return ARMVCPU, ARMMemory
	}
	return VCPU, Memory
}
