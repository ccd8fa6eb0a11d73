package execroot_test
import ("testing";"time";"context";"fmt"
 repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"github.com/bbf-build/bbf/tools/engine/execroot"
)
func TestZZ(t *testing.T){
	r := newRig(t, false)
	files := big(3000, "src")
	roots := make([]digest.Digest, 8)
	for i := range roots { files["own"] = fmt.Sprint("own ", i); roots[i] = r.tree(files) }
	c := &repb.Command{Arguments: []string{"/bin/true"}, OutputPaths: []string{"out/x"}}
	outputs, _ := execroot.ParseOutputs(c)
	var a,b,d,e time.Duration
	for i := range 104 {
		t0:=time.Now()
		x, err := r.builder.Build(context.Background(), c, roots[i%8], outputs)
		if err!=nil {t.Fatal(err)}
		t1:=time.Now()
		r.exec(x,c)
		t2:=time.Now()
		x.Collect(context.Background(), &repb.ActionResult{})
		t3:=time.Now()
		x.Remove()
		if i>=4 { a+=t1.Sub(t0); b+=t2.Sub(t1); d+=t3.Sub(t2); e+=time.Since(t3) } else {t.Log(t1.Sub(t0))}
	}
	t.Log(a/100,b/100,d/100,e/100)
}
