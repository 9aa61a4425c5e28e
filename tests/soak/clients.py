"""The clients of a soak: each asks for what it can check, again and again until the time is over. What
goes wrong and is not what a proxy may let through is kept as a sentence."""

import asyncio
import collections
import hashlib
import json
import random
import socket
import struct
import time

from upstream import CUT, LOST, content

PATIENCE_S = 150
PAUSE_S = 0.1  # at most, between two requests of a client
CROWD = {"read": 8, "order": 4, "upload": 3, "download": 3, "events": 3, "tunnel": 4, "leave": 4,
         "read_slowly": 2}  # clients of each kind
UNSEEN_SHARE_MAX = 0.005  # of the orders
KIB = 1024


class Broken(Exception):
    """An answer that did not come to its end."""


class Connection:
    """Kept alive from one request to the next; a new one where the last was closed."""

    def __init__(self, port):
        self._port, self.reader, self.writer = port, None, None

    async def open(self):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._port,
                                                                     limit=1 << 20)

    def close(self, with_reset=False):
        if self.writer is None:
            return
        if with_reset:
            self.writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.writer.transport.abort()
        self.writer.close()
        self.writer = None

    async def send(self, method, target, fields=(), body=None, chunk=0):
        await self.open()
        lines = [f"{method} {target} HTTP/1.1", "Host: localhost", *fields]
        if body is not None:
            lines.append("Transfer-Encoding: chunked" if chunk else f"Content-Length: {len(body)}")
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        if body is not None and chunk:
            for at in range(0, len(body), chunk):
                piece = body[at:at + chunk]
                self.writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                await self.writer.drain()
            self.writer.write(b"0\r\n\r\n")
        elif body is not None:
            self.writer.write(body)
        await self.writer.drain()

    async def head(self):
        """Status and fields of the answer."""
        try:
            text = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (OSError, asyncio.IncompleteReadError) as error:
            raise Broken(f"no head: {error}") from error
        line, *rest = text.rstrip("\r\n").split("\r\n")
        fields = {name.lower(): value for name, _, value in (one.partition(": ") for one in rest)}
        return int(line.split(" ")[1]), fields

    async def body(self, fields, pause=0.0):
        """Piece by piece."""
        try:
            if "transfer-encoding" in fields:
                while size := int(await self.reader.readuntil(b"\r\n"), 16):
                    yield (await self.reader.readexactly(size + 2))[:-2]
                await self.reader.readexactly(2)
            left = int(fields.get("content-length", 0))
            while left:
                piece = await self.reader.read(min(left, 64 * KIB))
                if not piece:
                    raise Broken(f"{left} bytes are missing")
                left -= len(piece)
                yield piece
                if pause:
                    await asyncio.sleep(pause)
        except (OSError, asyncio.IncompleteReadError) as error:
            raise Broken(str(error)) from error


class Crowd:
    """All clients of HTTP/1.1, and what they have to tell."""

    def __init__(self, port, upstream_port, seed, seconds):
        self.port, self._upstream_port, self._seed = port, upstream_port, seed
        self.until = time.monotonic() + seconds
        self.done, self.let_through = collections.Counter(), collections.Counter()
        self.unseen, self.wrong = 0, []
        self._number = 0

    async def run(self):
        clients = []
        for kind, count in CROWD.items():
            for number in range(count):
                luck = random.Random(f"{self._seed} {kind} {number}")
                clients.append(self._client(getattr(self, f"_{kind}"), kind, luck))
        await asyncio.gather(*clients)

    async def _client(self, act, kind, luck):
        connection = Connection(self.port)
        while time.monotonic() < self.until:
            self._number += 1
            identity = f"{kind}-{self._number}"
            try:
                await asyncio.wait_for(act(connection, identity, luck), PATIENCE_S)
                self.done[kind] += 1
            except asyncio.TimeoutError:
                connection.close()
                self.wrong.append(f"{identity}: no answer within {PATIENCE_S} s")
            except (Broken, OSError) as error:
                connection.close()
                await self._judge(identity, kind, None, str(error))
            await asyncio.sleep(luck.random() * PAUSE_S)
        connection.close()

    async def _judge(self, identity, kind, status, said):
        """A POST that may have been carried out, and an answer that broke off and cannot be asked for
        again, are the client's to judge: a proxy tells, and hides nothing. A POST whose connection the
        upstream closed while it was on its way is one of the former; there are few of these."""
        record = await self._record(identity)
        is_cut = CUT in record and kind in ("order", "events")
        is_told = kind == "order" and (
            status is not None and str(status) in record or
            status in (502, 504) and LOST.intersection(record))
        is_unseen = kind == "order" and status == 502 and "connection_terminated" in said
        if status is None and is_cut or is_told:
            self.let_through[f"{kind}: {status or CUT}"] += 1
        elif is_unseen and (self.unseen + 1) <= 1 + UNSEEN_SHARE_MAX * self.done[kind]:
            self.unseen += 1
            self.let_through[f"{kind}: 502 for a connection that was closed meanwhile"] += 1
        else:
            self.wrong.append(f"{identity}: {status} {said[:200]}, the upstream's faults: {record}")

    async def _record(self, identity):
        connection = Connection(self._upstream_port)
        await connection.send("GET", f"/record/{identity}")
        _, fields = await connection.head()
        body = b"".join([piece async for piece in connection.body(fields)])
        connection.close()
        return json.loads(body)

    async def _ask(self, connection, identity, method, target, body=None, fields=(), pause=0.0,
                   chunk=0):
        """The whole body of a 200, None where another answer was told of."""
        await connection.send(method, target, fields, body, chunk)
        status, got = await connection.head()
        pieces = [piece async for piece in connection.body(got, pause)]
        if got.get("connection") == "close":
            connection.close()
        if status == 200:
            return b"".join(pieces)
        await self._judge(identity, target.split("/")[1], status, b"".join(pieces).decode("latin-1"))
        return None

    def _expect(self, identity, got, wanted):
        if got is not None and got != wanted:
            self.wrong.append(f"{identity}: {len(got)} bytes that are not the {len(wanted)} wanted")

    async def _read(self, connection, identity, luck):
        size = luck.randrange(20, 8 * KIB)
        got = await self._ask(connection, identity, "GET", f"/item/{identity}/{size}")
        self._expect(identity, got, content(identity, size))

    async def _read_slowly(self, connection, identity, luck):
        size = luck.randrange(64 * KIB, 2048 * KIB)
        got = await self._ask(connection, identity, "GET", f"/file/{identity}/{size}", pause=0.05)
        self._expect(identity, got, content(identity, size))

    async def _download(self, connection, identity, luck):
        size = luck.randrange(256 * KIB, 8192 * KIB)
        got = await self._ask(connection, identity, "GET", f"/file/{identity}/{size}")
        self._expect(identity, got, content(identity, size))

    async def _order(self, connection, identity, luck):
        """Half of them may be repeated."""
        is_keyed = luck.random() < 0.5
        fields = [f"Idempotency-Key: {identity}"] if is_keyed else []
        got = await self._ask(connection, identity, "POST", f"/order/{identity}", b'{"order":1}', fields)
        self._expect(identity, got, json.dumps({"carried out": identity}).encode())

    async def _upload(self, connection, identity, luck):
        body = content(identity, luck.randrange(KIB, 4096 * KIB))
        chunk = luck.choice((0, 0, 10_000))
        got = await self._ask(connection, identity, "PUT", f"/upload/{identity}", body, chunk=chunk)
        self._expect(identity, got, hashlib.sha256(body).hexdigest().encode())

    async def _events(self, connection, identity, luck):
        count = luck.randrange(4, 100)
        got = await self._ask(connection, identity, "GET", f"/events/{identity}/{count}")
        wanted = "".join(f"event {number} of {identity}\n" for number in range(count))
        self._expect(identity, got, wanted.encode())

    async def _tunnel(self, connection, identity, luck):
        await connection.send("GET", f"/tunnel/{identity}",
                              ["Connection: Upgrade", "Upgrade: websocket"])
        status, fields = await connection.head()
        if status != 101:
            said = b"".join([piece async for piece in connection.body(fields)])
            return await self._judge(identity, "tunnel", status, said.decode("latin-1"))
        for number in range(luck.randrange(1, 100)):
            message = content(f"{identity} {number}", luck.randrange(1, 32 * KIB))
            connection.writer.write(message)
            try:
                self._expect(identity, await connection.reader.readexactly(len(message)), message)
            except asyncio.IncompleteReadError as error:
                raise Broken("the tunnel ended") from error
            await asyncio.sleep(luck.random() * 0.05)
        connection.close(with_reset=luck.random() < 0.3)

    async def _leave(self, connection, identity, luck):
        """Somewhere on the way of a request, with a FIN or a RST."""
        way = luck.choice(("item", "file", "upload", "events", "tunnel", "head"))
        body = content(identity, 200 * KIB) if way == "upload" else None
        connection.close()
        await connection.open()
        if way == "head":
            connection.writer.write(b"GET /item/x/1 HTTP/1.1\r\nHo")
        elif body:
            connection.writer.write(f"PUT /upload/{identity} HTTP/1.1\r\nHost: localhost\r\n"
                                    f"Content-Length: {2 * len(body)}\r\n\r\n".encode() + body)
        else:
            fields = ["Connection: Upgrade", "Upgrade: websocket"] if way == "tunnel" else []
            await connection.send("GET", f"/{way}/{identity}/{400 * KIB}", fields)
        await asyncio.sleep(luck.random() * 0.3)
        if way in ("file", "tunnel") and luck.random() < 0.5:
            await connection.head()
        connection.close(with_reset=luck.random() < 0.5)
