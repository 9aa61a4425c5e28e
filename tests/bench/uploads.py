"""A crowd of uploads to an upstream that is silent, in a control group of little memory: each is
answered, and the proxy lives."""

import asyncio
import contextlib
import os
import pathlib
import threading

from processes import Failure
from proxies import bearer
from report import mib

UPLOADS = 1200
UPLOAD_BYTES = 2**20
MEMORY = 64 * 2**20
SILENT_SECONDS = 4
LIMIT_SECONDS = 240

HEAD = (b"POST /api/v2/uploads HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
        b"Content-Length: %d\r\n\r\n" % UPLOAD_BYTES)
TOKEN = b'{"access_token":"upload-token","token_type":"bearer","expires_in":3600}'


@contextlib.contextmanager
def memory_group():
    """A control group of `MEMORY` bytes, of version 1 or 2; needs root. Gives its folder."""
    roots = [(pathlib.Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"),
             (pathlib.Path("/sys/fs/cgroup"), "memory.max")]
    for root, limit in roots:
        folder = root / f"bench-{os.getpid()}"
        with contextlib.suppress(OSError):
            folder.mkdir()
            try:
                (folder / limit).write_text(str(MEMORY))
                yield folder
                return
            finally:
                folder.rmdir()
    raise Failure("uploads needs root, and a control group of memory that it may make")


class SilentUpstream:
    """Reads whole uploads and answers none of them before it has been silent for a while. Gives
    tokens too. On a thread and loop of its own."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        self._opens = None
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,))
        self._thread.start()
        ready.wait()
        self.url = f"http://127.0.0.1:{self.port}"
        self.token_url = self.url + "/oauth/token"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self, ready):
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._connection, "127.0.0.1", 0, backlog=4096))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        server.close()

    async def _connection(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError,
                                 asyncio.CancelledError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                body = TOKEN
                if head.startswith(b"POST /api/"):
                    if not self._opens:
                        self._opens = self._loop.time() + SILENT_SECONDS
                    await asyncio.sleep(max(0, self._opens - self._loop.time()))
                    await skip(reader, UPLOAD_BYTES)
                    body = b"{}"
                else:
                    await reader.readexactly(content_length(head))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                             b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
                await writer.drain()
        writer.close()


async def skip(reader, count):
    while count > 0:
        data = await reader.read(min(count, 65536))
        if not data:
            raise ConnectionError("the body ended early")
        count -= len(data)


def content_length(head):
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


async def upload(port):
    """The status of one upload; 0 where none came."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD)
        for _ in range(UPLOAD_BYTES // 65536):
            writer.write(b"u" * 65536)
            await writer.drain()
        status = (await reader.readline()).split()
        writer.close()
        return int(status[1]) if len(status) > 1 else 0
    except OSError:
        return 0


async def upload_all(port):
    return await asyncio.wait_for(asyncio.gather(*(upload(port) for _ in range(UPLOADS))),
                                  LIMIT_SECONDS)


def run(bench, report):
    if "bearer" not in bench.proxies:
        return
    bench.progress(f"uploads: {UPLOADS} of 1 MiB in {mib(MEMORY)}")
    with memory_group() as group, SilentUpstream() as upstream, \
            bearer(bench, upstream, group=group) as proxy:
        proxy.wait_until_it_listens()
        statuses = asyncio.run(upload_all(proxy.port))
        lives = proxy.process.poll() is None
        peak = proxy.memory_peak() if lives else 0
        proxy.stop()
    answered = sum(status == 200 for status in statuses)
    report.table(f"Uploads of 1 MiB at once to an upstream that is silent for {SILENT_SECONDS} s",
                 ("uploads", "memory allowed", "memory at most", "answered 200"),
                 [(UPLOADS, mib(MEMORY), mib(peak), answered)])
    report.target("a crowd of uploads", f"{answered} answered", f"{UPLOADS}, and the proxy lives",
                  answered == UPLOADS and lives)
