package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/bytestream"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/certificates/simple"
	"github.com/bbf-build/bbf/infra/gateway/testrig"
)

// TestMain lets this test binary be the gateway.
func TestMain(m *testing.M) {
	if os.Getenv("BBF_TEST_GATEWAY") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func gateway(t testing.TB, args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	c.Env = []string{"BBF_TEST_GATEWAY=1", "BBF_CLUSTER=acme", "PATH=" + os.Getenv("PATH")}
	c.Stdout, c.Stderr = t.Output(), t.Output()
	return c
}

// process is a gateway that runs.
type process struct {
	*exec.Cmd
	address, metrics, folder, certificates string
	ended                                  chan error
}

func start(t testing.TB, role string, args ...string) *process {
	t.Helper()
	p := &process{folder: t.TempDir(), certificates: t.TempDir(), address: free(t), metrics: free(t), ended: make(chan error, 1)}
	if err := simple.Make(t.Context(), simple.Folder(p.certificates), simple.Options{Cluster: "acme", Validity: time.Hour, Now: time.Now()}); err != nil {
		t.Fatal(err)
	}
	p.Cmd = gateway(t, append([]string{role, "--listen", p.address, "--metrics", p.metrics, "--proxy", free(t), "--address", "10.0.0.1",
		"--certificates", p.certificates, "--config", p.folder}, args...)...)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.Wait(); close(p.ended) }()
	t.Cleanup(func() { p.Process.Kill(); <-p.ended })
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		c, err := net.Dial("tcp", p.address)
		if err == nil {
			c.Close()
			return p
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

func free(t testing.TB) string {
	l := testrig.Listen(t)
	defer l.Close()
	return l.Addr().String()
}

// dial is with the builder's certificate of the folder.
func (p *process) dial(t testing.TB) *grpc.ClientConn {
	t.Helper()
	var files [3][]byte
	for i, name := range []string{"builder.pem", "builder.key", "ca.pem"} {
		data, err := os.ReadFile(filepath.Join(p.certificates, name))
		if err != nil {
			t.Fatal(err)
		}
		files[i] = data
	}
	b, err := certificates.Parse(files[0], files[1], files[2])
	if err != nil {
		t.Fatal(err)
	}
	conn, err := grpc.NewClient("passthrough:///"+p.address, grpc.WithTransportCredentials(
		credentials.NewTLS(certificates.ClientTLS(b, "acme", certificates.RoleServer))))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestProgram(t *testing.T) {
	l, s := testrig.Listen(t), grpc.NewServer()
	bytestream.RegisterByteStreamServer(s, &blobs{})
	go s.Serve(l)
	defer s.Stop()
	p := start(t, "server", "--backend", l.Addr().String())
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	call := bytestream.NewByteStreamClient(p.dial(t))
	if _, err := call.QueryWriteStatus(ctx, &bytestream.QueryWriteStatusRequest{}, grpc.WaitForReady(true)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"config.yml", "jvm.options", "logging.properties"} {
		if _, err := os.Stat(filepath.Join(p.folder, name)); err != nil {
			t.Error(err)
		}
	}
	if err := gateway(t, "health", "--metrics", p.metrics).Run(); err != nil {
		t.Errorf("health: %v", err)
	}
	s.Stop()
	if err := gateway(t, "health", "--metrics", p.metrics).Run(); err == nil {
		t.Error("it is healthy without a backend")
	}
	if mib := resident(t, p.Process.Pid); mib > 60 {
		t.Errorf("it takes %d MiB", mib)
	}
	p.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-p.ended:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("it doesn't end")
	}
	if _, err := http.Get("http://" + p.metrics + "/healthz"); err == nil {
		t.Error("something answers still")
	}
}

func TestArguments(t *testing.T) {
	for _, args := range [][]string{{}, {"something"}, {"server", "--nothing"}, {"worker", "too", "much"}, {"config"}, {"config", "health"}} {
		var exit *exec.ExitError
		if err := gateway(t, args...).Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
			t.Errorf("%q: %v", args, err)
		}
	}
	folder := t.TempDir()
	if err := gateway(t, "config", "worker", "--config", folder, "--address", "10.1.2.3", "--wrappers", "/w").Run(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(folder, "config.yml"))
	if err != nil || !strings.Contains(string(data), `publicName: "10.1.2.3:8980"`) || !strings.Contains(string(data), "port: 8982") {
		t.Errorf("got %s, %v", data, err)
	}
}

// resident is a process's memory in MiB.
func resident(t testing.TB, pid int) int {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("there is no /proc: ", err)
	}
	for line := range strings.Lines(string(data)) {
		if kib, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.Atoi(strings.Fields(kib)[0])
			if err != nil {
				t.Fatal(err)
			}
			return n >> 10
		}
	}
	return 0
}

// used is the CPU time of a process in hundredths of a second.
func used(b *testing.B, pid int) (ticks int) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), ") ")
	for _, field := range strings.Fields(rest)[11:13] {
		n, err := strconv.Atoi(field)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return ticks
}

type blobs struct {
	bytestream.UnimplementedByteStreamServer
	data []byte
}

func (s *blobs) Read(r *bytestream.ReadRequest, out bytestream.ByteStream_ReadServer) error {
	for left := r.ReadLimit; left > 0; left -= int64(len(s.data)) {
		if err := out.Send(&bytestream.ReadResponse{Data: s.data}); err != nil {
			return err
		}
	}
	return nil
}

func (s *blobs) Write(in bytestream.ByteStream_WriteServer) error {
	for {
		if _, err := in.Recv(); err == io.EOF {
			return in.SendAndClose(&bytestream.WriteResponse{})
		} else if err != nil {
			return err
		}
	}
}

func (s *blobs) QueryWriteStatus(context.Context, *bytestream.QueryWriteStatusRequest) (*bytestream.QueryWriteStatusResponse, error) {
	return &bytestream.QueryWriteStatusResponse{}, nil
}

// BenchmarkProcess says what the gateway alone costs, however busy the machine is.
func BenchmarkProcess(b *testing.B) {
	l, s := testrig.Listen(b), grpc.NewServer(grpc.StaticStreamWindowSize(1<<20), grpc.StaticConnWindowSize(4<<20))
	bytestream.RegisterByteStreamServer(s, &blobs{data: make([]byte, 256<<10)})
	go s.Serve(l)
	b.Cleanup(s.Stop)
	p := start(b, "server", "--backend", l.Addr().String())
	c := bytestream.NewByteStreamClient(p.dial(b))
	measure := func(name string, size int64, do func(b *testing.B) error) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(size)
			begin := used(b, p.Process.Pid)
			for b.Loop() {
				if err := do(b); err != nil {
					b.Fatal(err)
				}
			}
			cpu := float64(used(b, p.Process.Pid)-begin) / 100
			if size > 0 {
				b.ReportMetric(float64(size)*float64(b.N)/(1<<20)/cpu, "MiB/cpu-s")
			} else {
				b.ReportMetric(cpu*1e6/float64(b.N), "cpu-µs/op")
			}
			b.ReportMetric(float64(resident(b, p.Process.Pid)), "MiB-resident")
		})
	}
	const large = 64 << 20
	part := &bytestream.WriteRequest{Data: make([]byte, 256<<10)}
	measure("Download", large, func(b *testing.B) error {
		r, err := c.Read(b.Context(), &bytestream.ReadRequest{ReadLimit: large})
		for err == nil {
			_, err = r.Recv()
		}
		if err == io.EOF {
			err = nil
		}
		return err
	})
	measure("Upload", large, func(b *testing.B) error {
		w, err := c.Write(b.Context())
		for n := 0; n < large && err == nil; n += len(part.Data) {
			err = w.Send(part)
		}
		if err == nil {
			_, err = w.CloseAndRecv()
		}
		return err
	})
	measure("SmallCalls", 0, func(b *testing.B) error {
		_, err := c.QueryWriteStatus(b.Context(), &bytestream.QueryWriteStatusRequest{})
		return err
	})
}
