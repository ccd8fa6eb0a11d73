// Package relay passes HTTP/2 connections on, frame by frame, and looks at the path of each call on the way.
//
// One connection of a client is one connection to the backend. That makes most of HTTP/2 the two ends' own business: stream numbers, flow
// control, settings, pings and GOAWAY go through as they are, and back pressure is TCP's. The relay itself only
//
//   - reads the header blocks of the client, asks the Gate about each new call and encodes them anew for the backend, since a refused call
//     must not leave its mark in the backend's header table;
//   - answers a refused call with a gRPC status, and gives the client back the window that the call's frames took;
//   - knows which calls are open, to end a connection gently.
//
// Frames that stay as they are go from the buffer they were read into to the other socket, a piece of many frames at a time.
//
// httputil.ReverseProxy between an HTTP/2 server and an HTTP/2 transport would do too. In the same run (see the benchmarks in package task, 2
// cores for client, proxy and server) it passed 64 MiB at three to six tenths of a plaintext connection's speed, and the relay at five to seven; a
// small call took it 0.2 ms longer than in plaintext, and the relay 0.02. It also ends flow control, pings and keepalive itself, makes
// a goroutine and buffers for each call, and has a bound of its own for headers.
package relay
