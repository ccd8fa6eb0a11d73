package evaluate

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// cidr is Fn::Cidr: so many blocks one after the other, each leaving so many bits to its hosts.
func cidr(arguments []any) []any {
	whole := netip.MustParsePrefix(arguments[0].(string))
	var count, bits int
	fmt.Sscan(fmt.Sprint(arguments[1]), &count)
	fmt.Sscan(fmt.Sprint(arguments[2]), &bits)
	first := whole.Masked().Addr().As4()
	blocks := []any{}
	for i := range count {
		var next [4]byte
		binary.BigEndian.PutUint32(next[:], binary.BigEndian.Uint32(first[:])+uint32(i)<<bits)
		blocks = append(blocks, netip.PrefixFrom(netip.AddrFrom4(next), 32-bits).String())
	}
	return blocks
}
