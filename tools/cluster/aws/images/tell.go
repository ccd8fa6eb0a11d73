package images

import (
	"fmt"
	"io"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
)

// teller makes events of bytes: one for each step of percents, or for each 16 MiB where nobody knows how many there will be.
type teller struct {
	tell progress.Func
	step int64

	mu           sync.Mutex
	image, state string
	bytes, total int64
	told         int64 // share or steps that was told last
}

func newTeller(tell progress.Func, step int) *teller {
	return &teller{tell: tell, step: int64(max(1, step))}
}

// unknown is the step of bytes whose number isn't known.
const unknown = 16 << 20

func (t *teller) begin(image, state string, total int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.image, t.state, t.bytes, t.total, t.told = image, state, 0, total, 0
	t.tell.Tell(KindImage, image, state, "")
}

// start says that an image is being made.
func (t *teller) start(image string) { t.begin(image, StateMaking, 0) }

// fetched is told of bytes of what the image is made of.
func (t *teller) fetched(_ string, n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes += n
	if steps := t.bytes / unknown; steps > t.told {
		t.told = steps
		t.tell.Tell(KindImage, t.image, StateFetching, fmt.Sprintf("%d MiB", t.bytes>>20))
	}
}

// pushing says how many bytes there are to upload.
func (t *teller) pushing(image string, total int64) {
	if total > 0 {
		t.begin(image, StatePushing, total)
	}
}

func (t *teller) pushed(n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes = min(t.bytes+n, t.total) // bytes that are sent again don't count twice
	if share := t.bytes * 100 / t.total / t.step * t.step; share > t.told {
		t.told = share
		t.tell.Tell(KindImage, t.image, StatePushing, fmt.Sprintf("%d%% of %.1f MiB", share, float64(t.total)/(1<<20)))
	}
}

func (t *teller) done(image, state string) { t.begin(image, state, 0) }

// told is a layer whose bytes are told of as they are read to be uploaded.
type told struct {
	v1.Layer
	teller *teller
}

// Compressed returns what is uploaded.
func (l told) Compressed() (io.ReadCloser, error) {
	r, err := l.Layer.Compressed()
	if err != nil {
		return nil, err
	}
	return &toldReader{r, l.teller}, nil
}

type toldReader struct {
	io.ReadCloser
	teller *teller
}

func (r *toldReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if n > 0 {
		r.teller.pushed(int64(n))
	}
	return n, err
}
