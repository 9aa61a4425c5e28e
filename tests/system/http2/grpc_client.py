"""A gRPC client that makes a call of every kind, by Debian's grpcio: writes a line for each.

  /usr/bin/python3 grpc_client.py PORT
"""

import itertools
import queue
import sys

import grpc

OPTIONS = [("grpc.enable_retries", 0), ("grpc.enable_http_proxy", 0)]
TIMEOUT_S = 110  # a bit less than the test waits for us: see tests/support/patience.h


def say(*words):
    print(*words, flush=True)


def unary(channel):
    call = channel.unary_unary("/test.Calls/Unary")
    answer, done = call.with_call(b"hello", timeout=TIMEOUT_S, metadata=(("x-client", "metadata"),))
    trailing = dict(done.trailing_metadata())["x-trailing-bin"]
    say("unary", answer.decode(), dict(done.initial_metadata())["x-initial"], trailing.hex())
    large = bytes(3_000_000)
    say("large", call(large, timeout=TIMEOUT_S) == large)


def refused_once(channel):
    metadata = (("refuse-once", "unary"),)
    say("replayed", channel.unary_unary("/test.Calls/Unary")(
        b"again", timeout=TIMEOUT_S, metadata=metadata).decode())


def fails(channel):
    try:
        channel.unary_unary("/test.Calls/Fails")(b"", timeout=TIMEOUT_S)
    except grpc.RpcError as error:
        say("failed", error.code().name, error.details())


def streaming(channel):
    numbers = channel.unary_stream("/test.Calls/ServerStreaming")(b"1000", timeout=TIMEOUT_S)
    say("server-streaming", sum(int(number) for number in numbers))
    pieces = itertools.repeat(b"1234567890", 500)
    say("client-streaming", channel.stream_unary("/test.Calls/ClientStreaming")(
        pieces, timeout=TIMEOUT_S).decode())


def ping_pong(channel):
    """Each message is sent once the answer to the one before is here."""
    messages = queue.Queue()
    answers = channel.stream_stream("/test.Calls/Bidirectional")(
        iter(messages.get, None), timeout=TIMEOUT_S)
    heard = []
    for word in (b"abc", b"def", b"ghi"):
        messages.put(word)
        heard.append(next(answers).decode())
    messages.put(None)
    say("bidirectional", *heard, len(list(answers)))


def main():
    with grpc.insecure_channel(f"127.0.0.1:{sys.argv[1]}", options=OPTIONS) as channel:
        for act in (unary, refused_once, fails, streaming, ping_pong):
            act(channel)


main()
