"""A gRPC service of every kind of call, by Debian's grpcio. Writes its port; ends with its input.

  /usr/bin/python3 grpc_server.py [KEY CERTIFICATE]
"""

import concurrent.futures
import pathlib
import sys
import threading

import grpc

refused = set()
lock = threading.Lock()


def metadata_of(context):
    return dict(context.invocation_metadata())


def check(context):
    """The token counts; a call named in `refuse-once` finds it dead the first time."""
    metadata = metadata_of(context)
    if not metadata.get("authorization", "").startswith("Bearer "):
        context.abort(grpc.StatusCode.UNAUTHENTICATED, "no token")
    name = metadata.get("refuse-once")
    with lock:
        first = name is not None and name not in refused
        refused.add(name)
    if first:
        context.abort(grpc.StatusCode.UNAUTHENTICATED, "the token is dead")


def unary(request, context):
    check(context)
    context.send_initial_metadata((("x-initial", metadata_of(context).get("x-client", "")),))
    context.set_trailing_metadata((("x-trailing-bin", b"\x00\xff"),))
    return request


def fails(_, context):
    check(context)
    context.abort(grpc.StatusCode.INVALID_ARGUMENT, "100% wrong: ä")


def server_streaming(request, context):
    check(context)
    for number in range(int(request)):
        yield b"%d" % number


def client_streaming(requests, context):
    check(context)
    return b"%d" % sum(len(request) for request in requests)


def bidirectional(requests, context):
    check(context)
    for request in requests:
        yield request[::-1]


HANDLERS = {
    "/test.Calls/Unary": grpc.unary_unary_rpc_method_handler(unary),
    "/test.Calls/Fails": grpc.unary_unary_rpc_method_handler(fails),
    "/test.Calls/ServerStreaming": grpc.unary_stream_rpc_method_handler(server_streaming),
    "/test.Calls/ClientStreaming": grpc.stream_unary_rpc_method_handler(client_streaming),
    "/test.Calls/Bidirectional": grpc.stream_stream_rpc_method_handler(bidirectional),
}


class Calls(grpc.GenericRpcHandler):
    def service(self, details):
        return HANDLERS.get(details.method)


def main():
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(16))
    server.add_generic_rpc_handlers((Calls(),))
    if len(sys.argv) > 1:
        key, certificate = (pathlib.Path(name).read_bytes() for name in sys.argv[1:])
        port = server.add_secure_port(
            "127.0.0.1:0", grpc.ssl_server_credentials([(key, certificate)]))
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    print(port, flush=True)
    server.start()
    sys.stdin.read()
    server.stop(None)


main()
