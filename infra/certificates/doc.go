// Package certificates says who is who in a cluster. Every connection between two machines is mutual TLS 1.3, and each side's certificate
// carries one URI name, bbf://CLUSTER/ROLE/NAME, that both sides go by:
//
//	reader, builder   people and CI; the name is their ARN
//	worker, server    tasks; the name is the task's ID
//
// What a machine needs is a Source of what it has at the moment, which ServerTLS and ClientTLS ask at each handshake: a new certificate or
// authority is used from the next connection on, and open ones go on. A Keeper is the Source that gets its certificate from an
// Authenticator, of which there are four, a package each: simple, issued, cfssl and acmpca. Revocations wraps a Source: it refuses who is on
// the cluster's list of revoked identities, and cuts those who were connected already.
//
//	keeper := certificates.NewKeeper(authenticator, identity, certificates.KeeperOptions{})
//	err := keeper.Renew(ctx) // the first; go keeper.Run(ctx) for all others
//	listener := tls.NewListener(l, certificates.ServerTLS(keeper, "acme", allow))
package certificates
