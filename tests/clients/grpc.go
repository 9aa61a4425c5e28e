// A client of tests/system/http2/grpc_server.py by Debian's grpc-go, with a call by Go's own HTTP/2
// client at its end: writes a line for each call.
//
//	go run grpc.go PORT
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// raw sends and takes messages as they are.
type raw struct{}

func (raw) Name() string                             { return "raw" }
func (raw) Marshal(from interface{}) ([]byte, error) { return *from.(*[]byte), nil }
func (raw) Unmarshal(data []byte, to interface{}) error {
	*to.(*[]byte) = append([]byte(nil), data...)
	return nil
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func soon(fields ...string) (context.Context, context.CancelFunc) {
	kept := metadata.AppendToOutgoingContext(context.Background(), fields...)
	return context.WithTimeout(kept, 20*time.Second)
}

func unary(connection *grpc.ClientConn, message []byte, fields ...string) ([]byte, metadata.MD, metadata.MD) {
	ctx, cancel := soon(fields...)
	defer cancel()
	var answer []byte
	var initial, trailing metadata.MD
	check(connection.Invoke(ctx, "/test.Calls/Unary", &message, &answer, grpc.Header(&initial),
		grpc.Trailer(&trailing)))
	return answer, initial, trailing
}

func stream(ctx context.Context, connection *grpc.ClientConn, name string, sends, hears bool) grpc.ClientStream {
	made, err := connection.NewStream(ctx,
		&grpc.StreamDesc{StreamName: name, ClientStreams: sends, ServerStreams: hears},
		"/test.Calls/"+name)
	check(err)
	return made
}

func send(to grpc.ClientStream, message string) {
	sent := []byte(message)
	check(to.SendMsg(&sent))
}

func streams(connection *grpc.ClientConn) {
	ctx, cancel := soon()
	defer cancel()
	var heard []byte

	numbers, sum := stream(ctx, connection, "ServerStreaming", false, true), 0
	send(numbers, "1000")
	check(numbers.CloseSend())
	err := numbers.RecvMsg(&heard)
	for ; err == nil; err = numbers.RecvMsg(&heard) {
		number, bad := strconv.Atoi(string(heard))
		check(bad)
		sum += number
	}
	if err != io.EOF {
		log.Fatal(err)
	}
	fmt.Println("server-streaming", sum)

	upload := stream(ctx, connection, "ClientStreaming", true, false)
	for i := 0; i < 500; i++ {
		send(upload, "1234567890")
	}
	check(upload.CloseSend())
	check(upload.RecvMsg(&heard))
	fmt.Println("client-streaming", string(heard))

	both, said := stream(ctx, connection, "Bidirectional", true, true), "bidirectional"
	for _, word := range []string{"abc", "def", "ghi"} {
		send(both, word)
		check(both.RecvMsg(&heard)) // each is sent once the answer to the one before is here
		said += " " + string(heard)
	}
	check(both.CloseSend())
	fmt.Println(said)

	leaving, leave := context.WithCancel(ctx)
	endless := stream(leaving, connection, "ServerStreaming", false, true)
	send(endless, "100000000")
	check(endless.CloseSend())
	check(endless.RecvMsg(&heard))
	leave()
	for err = nil; err == nil; err = endless.RecvMsg(&heard) {
	}
	fmt.Println("cancelled", int(status.Code(err)))
}

// byHTTP makes a call of gRPC by hand, over the HTTP/2 of golang.org/x/net.
func byHTTP(address string) {
	client := http.Client{Timeout: 20 * time.Second, Transport: &http2.Transport{
		AllowHTTP: true,
		DialTLS: func(network, address string, _ *tls.Config) (net.Conn, error) {
			return net.Dial(network, address)
		}}}
	request, err := http.NewRequest("POST", "http://"+address+"/test.Calls/Unary",
		bytes.NewReader([]byte("\x00\x00\x00\x00\x05hello")))
	check(err)
	request.Header.Set("Content-Type", "application/grpc")
	request.Header.Set("TE", "trailers")
	response, err := client.Do(request)
	check(err)
	body, err := io.ReadAll(response.Body)
	check(err)
	check(response.Body.Close())
	fmt.Println("http2", response.StatusCode, string(body[5:]), response.Trailer.Get("Grpc-Status"))
}

func main() {
	address := "127.0.0.1:" + os.Args[1]
	connection, err := grpc.Dial(address, grpc.WithInsecure(), grpc.WithDisableRetry(), grpc.WithNoProxy(),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{})))
	check(err)
	defer connection.Close()

	answer, initial, trailing := unary(connection, []byte("hello"), "x-client", "metadata")
	fmt.Println("unary", string(answer), initial.Get("x-initial")[0],
		hex.EncodeToString([]byte(trailing.Get("x-trailing-bin")[0])))
	large := []byte(strings.Repeat("l", 3000000))
	answer, _, _ = unary(connection, large)
	fmt.Println("large", bytes.Equal(answer, large))
	answer, _, _ = unary(connection, []byte("again"), "refuse-once", "unary")
	fmt.Println("replayed", string(answer))
	ctx, cancel := soon()
	defer cancel()
	var nothing []byte
	failed := status.Convert(connection.Invoke(ctx, "/test.Calls/Fails", &nothing, &nothing))
	fmt.Println("failed", int(failed.Code()), failed.Message())
	streams(connection)
	byHTTP(address)
}
