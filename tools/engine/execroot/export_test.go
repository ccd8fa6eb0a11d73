package execroot

import "github.com/bbf-build/bbf/tools/engine/cas"

// Trees are the builder's cached trees, as the store sees them.
func (b *Builder) Trees() (cas.Reclaimer, bool) { return b.trees, b.trees != nil }

// Idle waits until removed exec roots can be used again.
func (b *Builder) Idle() { b.busy.Wait() }
