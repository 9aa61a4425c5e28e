"""A client and an upstream that say what a case wants, byte for byte, around a proxy.

One thread plays both. A case ends when the proxy has closed the client's connection: each case is
followed by a probe, a request that asks for that. Only a proxy that waits for more has a limit.
"""

import selectors
import socket
import time
from dataclasses import dataclass, field

import strict_reader
from case import CASE_TARGET, HOST

PROBE = b"GET /probe HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
PROBED = b"probed"
_PROBE_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n" + PROBED
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_REFUSAL = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass
class Seen:
    """What came of a case."""

    answer: bytes = b""  # all that the client got
    ended: str = "silent"  # how its connection did: closed, reset, or silent where it did not
    reached: list = field(default_factory=list)  # what the upstream got, a connection each


class _Connection:
    """A proxy's at the upstream."""

    def __init__(self, sock):
        self.socket = sock
        self.got = b""
        self.unanswered = b""
        self.open = True
        self.answered_early = False


class Stage:
    """`with` closes its sockets."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._listener.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._connections = []
        self._case = None  # whose response is played

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._close_connections()
        self._selector.close()
        self._listener.close()

    @property
    def port(self):
        return self._listener.getsockname()[1]

    def play_request(self, port, raw, patience):
        """The client sends `raw`; the upstream answers whatever it understands."""
        return self._play(port, raw + PROBE, None, patience)

    def play_frames(self, port, raw, patience):
        """The same of a client that speaks HTTP/2, and says by itself that it will go."""
        return self._play(port, raw, None, patience)

    def play_response(self, port, case, patience):
        """The client asks, and the upstream answers with the case's bytes."""
        line = case.method + b" " + CASE_TARGET + b" HTTP/1.1\r\n"
        return self._play(port, line + HOST + (case.more or b"\r\n") + PROBE, case, patience)

    def _play(self, port, sent, case, patience):
        seen = Seen()
        self._case = case
        with socket.create_connection(("127.0.0.1", port), 60) as client:
            client.setblocking(False)
            self._selector.register(client, selectors.EVENT_READ | selectors.EVENT_WRITE, None)
            self._turn_until_over(client, sent, seen, patience)
            self._selector.unregister(client)
        while self._serve(self._selector.select(0)):  # what had been sent before the end
            pass
        seen.reached = [connection.got for connection in self._connections]
        self._close_connections()
        return seen

    def _turn_until_over(self, client, unsent, seen, patience):
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            events = self._selector.select(deadline - time.monotonic())
            if not events:
                return
            deadline = time.monotonic() + patience
            self._serve(events)
            ours = sum(mask for key, mask in events if key.fileobj is client)
            if ours & selectors.EVENT_READ and not self._hear(client, seen):
                return
            if ours & selectors.EVENT_WRITE:
                unsent = self._say(client, unsent)

    def _hear(self, client, seen):
        """False at the end of the connection."""
        try:
            data = client.recv(1 << 16)
        except ConnectionError:
            seen.ended = "reset"
            return False
        seen.answer += data
        if not data:
            seen.ended = "closed"
        return bool(data)

    def _say(self, client, unsent):
        """What is still to be sent after it."""
        try:
            unsent = unsent[client.send(unsent):]
        except ConnectionError:
            unsent = b""  # the proxy has closed; what it said before is still to be read
        if not unsent:
            self._selector.modify(client, selectors.EVENT_READ, None)
        return unsent

    # ── The upstream ──

    def _serve(self, events):
        """The number of the upstream's events."""
        ours = [key for key, _ in events if key.data]
        for key in ours:
            key.data()
        return len(ours)

    def _accept(self):
        sock, _ = self._listener.accept()
        connection = _Connection(sock)
        self._connections.append(connection)
        self._selector.register(sock, selectors.EVENT_READ, lambda: self._receive(connection))

    def _receive(self, connection):
        try:
            data = connection.socket.recv(1 << 16)
        except ConnectionError:
            data = b""
        if not data:
            self._selector.unregister(connection.socket)
            connection.socket.close()
            return
        connection.got += data
        connection.unanswered += data
        if connection.open:
            self._answer(connection)

    def _answer(self, connection):
        """All that has come whole, and what is to be answered before it has."""
        if self._early(connection):
            connection.answered_early = True
            self._send(connection, self._case.raw, self._case.closes)
        try:
            while connection.open:
                message, connection.unanswered = strict_reader.take_request(connection.unanswered)
                self._send(connection, *self._answer_to(connection, message))
        except strict_reader.Incomplete:
            pass
        except strict_reader.Malformed:
            self._send(connection, _REFUSAL, True)

    def _early(self, connection):
        case = self._case
        return (case and case.early and not connection.answered_early
                and connection.got.startswith(case.method + b" " + CASE_TARGET)
                and b"\r\n\r\n" in connection.got)

    def _answer_to(self, connection, message):
        """(bytes, True if the connection ends after them)"""
        target = message.start[1]
        if target == b"/probe":
            return _PROBE_ANSWER, True
        if not self._case:
            return _ANSWER, False
        return (b"" if connection.answered_early else self._case.raw), self._case.closes

    def _send(self, connection, data, last):
        try:
            connection.socket.sendall(data)
            if last:
                connection.open = False
                connection.socket.shutdown(socket.SHUT_WR)
        except OSError:
            connection.open = False  # the proxy has left; what it sent is in `got`

    def _close_connections(self):
        for connection in self._connections:
            if connection.socket.fileno() >= 0:
                self._selector.unregister(connection.socket)
                connection.socket.close()
        self._connections = []
