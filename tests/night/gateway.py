"""A gateway in front of the sandbox that does to HTTP what gateways do on a bad night: it answers by
itself, forgets connections, cuts heads and bodies, or is not there."""

import asyncio
import hashlib
import socket
import struct
import threading
import urllib.parse


class Gone(Exception):
    """The connection of this exchange has ended, or is to end."""


class Loop:
    """One event loop on a thread of its own, for all gateways of a run. Ends with the `with` block."""

    def __enter__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def run(self, coroutine):
        """Its result. Called from other threads."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)


class Message:
    """A request or a response: its first line, its fields in order, its body."""

    def __init__(self, line, fields, body=b""):
        self.line, self.fields, self.body = line, fields, body

    def field(self, name):
        return next((value for key, value in self.fields if key.lower() == name), "")

    def head(self):
        lines = [self.line, *(f"{name}: {value}" for name, value in self.fields)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def read_message(reader):
    """Its body by its Content-Length: the proxy and the sandbox send no other to each other here."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *rest = head.rstrip("\r\n").split("\r\n")
        fields = [tuple(field.split(": ", 1)) if ": " in field else (field.rstrip(":"), "")
                  for field in rest]
        message = Message(line, fields)
        message.body = await reader.readexactly(int(message.field("content-length") or 0))
        return message
    except (OSError, asyncio.IncompleteReadError) as error:
        raise Gone from error


def reset(writer):
    """Ends the connection with a RST."""
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


class Exchange:
    """One request at the gateway. A meddler awaits one or more of its methods, or none: then the
    request is passed on and its answer back."""

    def __init__(self, request, writer, sandbox):
        self._writer, self._sandbox = writer, sandbox
        self.request = request
        self.method, self.target, _ = request.line.split(" ", 2)
        self.key = (self.method, self.target, request.body)
        self.is_answered = False

    async def carry_out(self):
        """Has the sandbox answer. Returns its response."""
        reader, writer = self._sandbox
        writer.write(self.request.head() + self.request.body)
        answer = await read_message(reader)
        return self._part_asked_for(answer) if self.method == "GET" else answer

    async def send(self, data):
        self.is_answered = True
        self._writer.write(data)
        try:
            await self._writer.drain()
        except OSError as error:
            raise Gone from error

    async def relay(self):
        answer = await self.carry_out()
        await self.send(answer.head() + answer.body)

    async def say(self, status, fields=(), body="{}", close=False):
        fields = [*fields, ("Content-Length", len(body)), *([("Connection", "close")] * close)]
        await self.send(Message(f"HTTP/1.1 {status} -", fields).head() + body.encode())
        if close:
            raise Gone

    def reset(self):
        reset(self._writer)
        raise Gone

    async def revoke_tokens(self):
        reader, writer = self._sandbox
        writer.write(b"POST /sandbox/revoke HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        await read_message(reader)

    def _part_asked_for(self, answer):
        """The answer with a strong ETag, and the part of it that Range and If-Range ask for."""
        etag = '"' + hashlib.sha256(answer.body).hexdigest()[:16] + '"'
        answer.fields.append(("ETag", etag))
        asked = self.request.field("range")
        if not asked or self.request.field("if-range") not in ("", etag) or " 200 " not in answer.line:
            return answer
        first = int(asked.removeprefix("bytes=").split("-")[0])
        size = len(answer.body)
        fields = [f for f in answer.fields if f[0].lower() != "content-length"]
        fields += [("Content-Range", f"bytes {first}-{size - 1}/{size}"),
                   ("Content-Length", size - first)]
        return Message("HTTP/1.1 206 Partial Content", fields, answer.body[first:])


class Gateway:
    """Listens on a free port while the `with` block lasts. `meddle(exchange)` is awaited for each
    request, on the loop's thread."""

    def __init__(self, loop, sandbox_url, meddle):
        self._loop, self._meddle = loop, meddle
        self._sandbox = urllib.parse.urlsplit(sandbox_url)
        self._server, self._placeholder, self._writers = None, None, set()
        self.port = 0

    def __enter__(self):
        self._loop.run(self._listen())
        return self

    def __exit__(self, *_):
        self._loop.run(self._close())

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def leave(self):
        """Refuses connections from now on, and resets those that are open."""
        self._loop.run(self._close(keeps_port=True))

    def come_back(self):
        self._loop.run(self._listen())

    async def _listen(self):
        if self._placeholder:
            self._placeholder.close()
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self.port, limit=1 << 20, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self, keeps_port=False):
        self._server.close()
        for writer in list(self._writers):
            reset(writer)
        if keeps_port:  # so that nobody else takes it; it refuses as it does not listen
            self._placeholder = socket.socket()
            self._placeholder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._placeholder.bind(("127.0.0.1", self.port))

    async def _serve(self, reader, writer):
        self._writers.add(writer)
        sandbox = None
        try:
            sandbox = await asyncio.open_connection(
                self._sandbox.hostname, self._sandbox.port, limit=1 << 20)
            while True:
                exchange = Exchange(await read_message(reader), writer, sandbox)
                await self._meddle(exchange)
                if not exchange.is_answered:
                    await exchange.relay()
        except Gone:
            pass
        finally:
            self._writers.discard(writer)
            for end in [writer, *(sandbox[1:] if sandbox else ())]:
                end.close()
