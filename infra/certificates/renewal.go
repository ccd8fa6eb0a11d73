package certificates

import (
	"context"
	"crypto"
	"math/rand/v2"
	"time"
)

// look is how often Run looks at the clock: timers stand still while a laptop sleeps, and certificates end meanwhile.
const look = time.Minute

// shortest is how long a certificate is kept at least, however short its life: that of an authority that is about to end.
const shortest = 2 * time.Second

// Run renews the certificate until ctx ends: at two thirds of its life, or a little before, so that not all machines that started together
// come together again. After a failure it tries again, soon at first and then less often.
func (k *Keeper) Run(ctx context.Context) {
	early := rand.Float64()
	for {
		k.mu.Lock()
		due, life := k.due(), k.life()
		k.mu.Unlock()
		due = due.Add(-time.Duration(early * float64(life) / 15))
		if wait := due.Sub(time.Now().Round(0)); wait > 0 {
			if !sleep(ctx, min(wait, look)) {
				return
			}
			continue
		}
		if err := k.Renew(ctx); ctx.Err() != nil {
			return
		} else if err == nil {
			early = rand.Float64()
			continue
		}
		if !sleep(ctx, k.pause()) {
			return
		}
	}
}

// due is when to renew; in the past when there is no certificate.
func (k *Keeper) due() time.Time {
	if k.bundle == nil {
		return time.Time{}
	}
	wait := max(k.life()/3*2, shortest)
	if s, ok := k.from.(Static); ok {
		wait = s.Every()
	}
	due := k.since.Add(wait)
	return due.Round(0) // without the monotonic clock, which stands still while a laptop sleeps
}

// life is how long the certificate is good for from when it was got.
func (k *Keeper) life() time.Duration {
	if k.bundle == nil {
		return 0
	}
	return k.bundle.Certificate.Leaf.NotAfter.Sub(k.since)
}

// pause is how long to wait after a failure: from two seconds doubling to a minute, and to a fiftieth of the certificate's life if that is
// longer, but never above five minutes.
func (k *Keeper) pause() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	most := min(max(k.life()/50, time.Minute), 5*time.Minute)
	d := min(2*time.Second<<min(k.attempt-1, 8), most)
	return d/2 + rand.N(d/2+1)
}

// key is a new one, or the one that goes with a certificate made before.
func (k *Keeper) key(ctx context.Context) (crypto.Signer, []byte, error) {
	s, ok := k.from.(Static)
	if !ok {
		return NewKey()
	}
	keyPEM, err := s.Key(ctx, k.id)
	if err != nil {
		return nil, nil, err
	}
	key, err := ParseKey(keyPEM)
	return key, keyPEM, err
}
