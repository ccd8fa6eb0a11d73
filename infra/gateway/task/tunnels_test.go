package task_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/gateway/front"
	"github.com/bbf-build/bbf/infra/gateway/task"
	"github.com/bbf-build/bbf/infra/gateway/testrig"
	"github.com/bbf-build/bbf/infra/gateway/tunnel"
)

// at is a server that is wherever it is said to be.
type at struct {
	mu      sync.Mutex
	address string
	lost    int
}

func (a *at) Address(ctx context.Context) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.address, nil
}

func (a *at) Lost(string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lost++
}

func (a *at) move(to string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.address = to
}

// throughProxy dials as the JVM does when -Dhttps.proxyHost is set.
func throughProxy(proxy string) grpc.DialOption {
	return grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
		c, reply, err := connect(ctx, proxy, address)
		if err == nil && reply.StatusCode != http.StatusOK {
			c.Close()
			words, _ := io.ReadAll(reply.Body)
			err = fmt.Errorf("%s: %s", reply.Status, words)
		}
		return c, err
	})
}

func connect(ctx context.Context, proxy, address string) (net.Conn, *http.Response, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", proxy)
	if err != nil {
		return nil, nil, err
	}
	fmt.Fprintf(c, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", address, address)
	r := bufio.NewReader(c)
	reply, err := http.ReadResponse(r, &http.Request{Method: http.MethodConnect})
	return readAhead{c, r}, reply, err
}

// readAhead is a connection of which the reader may already have what came behind the answer: the other end speaks first.
type readAhead struct {
	net.Conn
	r *bufio.Reader
}

func (c readAhead) Read(p []byte) (int, error) { return c.r.Read(p) }

func TestTasksReachEachOtherThroughTwoGateways(t *testing.T) {
	authority := testrig.Authority(t)
	backend, _ := startEngine(t)
	worker := start(t, authority, task.Options{Role: certificates.RoleWorker, Backend: backend, Server: &at{}, Bound: time.Second})
	_, port, _ := net.SplitHostPort(worker.address)
	server := start(t, authority, task.Options{Backend: "127.0.0.1:1", Port: port})

	c := dial(t, worker.address, plaintext(), throughProxy(server.proxy))
	data, d := blob(20 << 20)
	if err := c.upload(short(t), data, d); err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := c.download(short(t), d, func(p []byte) { got.Write(p) }); err != nil || !bytes.Equal(got.Bytes(), data) {
		t.Fatalf("got %d bytes, %v", got.Len(), err)
	}

	t.Run("OnlyGateways", func(t *testing.T) {
		_, reply, err := connect(short(t), server.proxy, backend)
		if err != nil || reply.StatusCode != http.StatusForbidden {
			t.Errorf("got %v, %v", reply, err)
		}
	})
	t.Run("NothingThere", func(t *testing.T) {
		l := testrig.Listen(t)
		_, gone, _ := net.SplitHostPort(l.Addr().String())
		l.Close()
		other := start(t, authority, task.Options{Backend: "127.0.0.1:1", Port: gone})
		_, reply, err := connect(short(t), other.proxy, l.Addr().String())
		if err != nil || reply.StatusCode != http.StatusBadGateway {
			t.Errorf("got %v, %v", reply, err)
		}
	})
	t.Run("AServerIsNoWorker", func(t *testing.T) {
		other := start(t, authority, task.Options{Backend: "127.0.0.1:1"})
		_, reply, err := connect(short(t), other.proxy, other.address)
		if err != nil || reply.StatusCode != http.StatusBadGateway {
			t.Errorf("got %v, %v", reply, err)
		}
	})
	for _, role := range []certificates.Role{certificates.RoleReader, certificates.RoleBuilder} {
		t.Run("Not"+string(role), func(t *testing.T) {
			source := testrig.Bundle(t, authority, role, "arn:aws:iam::1:user/a", tomorrow)
			ended(t, tunnel.NewDialer(source, testrig.Cluster, front.Connect, certificates.RoleWorker), worker.address)
		})
	}
}

// ended dials, and expects to be hung up on without a byte.
func ended(t *testing.T, d *tunnel.Dialer, address string) {
	t.Helper()
	c, err := d.Dial(short(t), address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	if n, err := io.ReadFull(c, make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("read %d bytes, %v", n, err)
	}
}

// redis starts a real one, or says that there is none.
func redis(t *testing.T) (address string) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("SKIPPED: redis-server is not in PATH; install the package redis-server to test with a real one")
	}
	socket := testrig.Listen(t)
	_, port, _ := net.SplitHostPort(socket.Addr().String())
	socket.Close()
	c := exec.Command(program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	address = "127.0.0.1:" + port
	for deadline := time.Now().Add(10 * time.Second); ; {
		if k, err := net.Dial("tcp", address); err == nil {
			k.Close()
			return address
		} else if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// ping says PING and wants PONG.
func ping(t *testing.T, address string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(15 * time.Second))
	fmt.Fprint(c, "PING\r\n")
	if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || strings.TrimSpace(line) != "+PONG" {
		t.Errorf("got %q, %v", line, err)
	}
}

func TestRealRedisThroughTwoGateways(t *testing.T) {
	address := redis(t)
	authority := testrig.Authority(t)
	server := start(t, authority, task.Options{Backend: "127.0.0.1:1", Redis: address})
	worker := start(t, authority, task.Options{Role: certificates.RoleWorker, Backend: "127.0.0.1:1", Server: &at{address: server.address}})
	ping(t, worker.redis)
}

// echo is a Redis that answers PING and nothing else.
func echo(t *testing.T) (address string) {
	l := testrig.Listen(t)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				lines := bufio.NewScanner(c)
				for lines.Scan() {
					fmt.Fprint(c, "+PONG\r\n")
				}
			}()
		}
	}()
	return l.Addr().String()
}

func TestRedis(t *testing.T) {
	authority, address := testrig.Authority(t), echo(t)
	server := start(t, authority, task.Options{Backend: "127.0.0.1:1", Redis: address})
	t.Run("WhenTheServerMoves", func(t *testing.T) {
		where := &at{address: "127.0.0.1:1"} // nobody is there
		worker := start(t, authority, task.Options{Role: certificates.RoleWorker, Backend: "127.0.0.1:1", Server: where})
		time.AfterFunc(500*time.Millisecond, func() { where.move(server.address) })
		ping(t, worker.redis) // waits
		if where.lost == 0 {
			t.Error("the old address was not given up")
		}
	})
	for _, role := range []certificates.Role{certificates.RoleReader, certificates.RoleBuilder, certificates.RoleServer} {
		t.Run("Not"+string(role), func(t *testing.T) {
			source := testrig.Bundle(t, authority, role, "arn:aws:iam::1:user/a", tomorrow)
			ended(t, tunnel.NewDialer(source, testrig.Cluster, front.Redis, certificates.RoleServer), server.address)
		})
	}
	t.Run("NotWithoutCertificate", func(t *testing.T) {
		b := *testrig.Bundle(t, authority, certificates.RoleWorker, "w", tomorrow)
		b.Certificate.Certificate, b.Certificate.PrivateKey = nil, nil
		ended(t, tunnel.NewDialer(&b, testrig.Cluster, front.Redis, certificates.RoleServer), server.address)
	})
}
