"""The other ends of a test: servers of foreign pages, an API that records what reaches it, and the
proxy between them; and the case that has them all."""

import base64
import contextlib
import hashlib
import http.server
import json
import pathlib
import socket
import sys
import tempfile
import threading
import time
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "demo"))
import stage
import webdriver

BUILD = None  # set by run, before any test

_browser = None


def browser():
    """The one browser of all tests."""
    global _browser
    _browser = _browser or webdriver.Browser()
    return _browser


def close_browser():
    if _browser:
        _browser.close()


def sandbox(*flags):
    return stage.start_sandbox(BUILD, flags)


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *arguments):
        self._taken = []
        super().__init__(*arguments)

    def get_request(self):
        taken, address = super().get_request()
        self._taken.append(taken.dup())
        return taken, address

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # a page may leave at any time
            super().handle_error(request, client_address)

    def close(self):
        """Also the connections that a browser opened for later."""
        self.server_close()
        for taken in self._taken:
            with contextlib.suppress(OSError):  # the other side was first
                taken.shutdown(socket.SHUT_RDWR)
            taken.close()


class Server:
    """Answers by `handler` on a port of loopback, from construction to stop()."""

    def __init__(self, handler, port=0):
        self._server = Listener(("127.0.0.1", port), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.port = self._server.server_port

    def url(self, host, path="/"):
        return f"http://{host}:{self.port}{path}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._server.shutdown()
        self._thread.join()
        self._server.close()


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, kind, body, fields=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", len(body))
        for name, value in fields:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def reserved_port():
    """A port of loopback for servers one after the other: it is bound meanwhile, but nobody listens
    by this, so that nobody else is given it. They may take it because they set SO_REUSEADDR."""
    with socket.socket() as keeper:
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind(("127.0.0.1", 0))
        yield keeper.getsockname()[1]


class Pages(Server):
    """A site with one page, under whatever name of it is asked for."""

    class Handler(Handler):
        def do_GET(self):
            self.answer(200, "text/html", b"<!doctype html><title>a page</title>")

    def __init__(self, port=0):
        super().__init__(Pages.Handler, port)


class Recorder(Server):
    """An API. `requests` holds method, target and fields of each request that reached it."""

    class Handler(Handler):
        protocol_version = "HTTP/1.1"

        def serve(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.server.requests.append((self.command, self.path, self.headers))
            if self.headers.get("Upgrade", "").lower() == "websocket":
                return self.greet()
            body = json.dumps({"method": self.command, "path": self.path}).encode()
            self.answer(self.server.status, "text/html", body, self.server.fields)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = serve

        def greet(self):
            """Opens a WebSocket (RFC 6455) and sends one text frame."""
            seed = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            accept = base64.b64encode(hashlib.sha1(seed.encode()).digest()).decode()
            self.send_header("Sec-WebSocket-Accept", accept)
            self.end_headers()
            self.wfile.write(b"\x81\x05hello")
            self.close_connection = True

    def __init__(self):
        super().__init__(Recorder.Handler)
        self._server.requests = self.requests = []
        self.forget()

    def forget(self):
        """As if it had never been asked nor told how to answer."""
        self.requests.clear()
        self.answer_with(())

    def answer_with(self, fields, status=200):
        """From now on each answer has these fields beside its own."""
        self._server.status, self._server.fields = status, fields

    def targets(self):
        """Of the requests so far, as `METHOD /path`, but for the icons that a browser looks for."""
        seen = [f"{method} {path}" for method, path, _ in self.requests]
        return [target for target in seen if target != "GET /favicon.ico"]


class Proxy:
    """The built bearer-proxy before an API; the sandbox gives it tokens."""

    def __init__(self, upstream, tokens, flags=(), listen="127.0.0.1:0", admin="127.0.0.1:0"):
        self._log = tempfile.TemporaryFile("w+b", prefix="bearer-proxy-log-")
        flags = ["--listen", listen, "--admin", admin, "--log-format", "json", *flags]
        flags += ["--log-level", "debug"]  # a preflight is answered without a word otherwise
        upstream_url = upstream.url("127.0.0.1", "")
        try:
            self._program = stage.start_proxy(BUILD, tokens.url, flags, self._log, upstream_url)
            self.admin_url = self._program.read_url("admin on")
        except BaseException:
            self._log.close()
            raise
        self.url = self._program.url

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._program.stop()
        self._log.close()

    def answered_itself(self):
        """The requests so far that it did not pass on, as `STATUS METHOD /path`."""
        self._log.seek(0)
        whole = self._log.read().rpartition(b"\n")[0]
        lines = [json.loads(line) for line in whole.splitlines()]
        own = [line for line in lines if line["message"] == "answered by the proxy itself"]
        return [f"{line['status']} {line['method']} {line['path']}" for line in own]

    def has_answered_itself(self, *any_of):
        """Whether it has so answered one of them. It says so after its client has the answer."""
        end = time.monotonic() + webdriver.PATIENCE_S
        while not set(any_of) & set(self.answered_itself()):
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
        return True


class Case(unittest.TestCase):
    """Tests in the one browser, each at an API that knows nothing of the others."""

    TOKEN_FLAGS = ()  # of the sandbox

    @classmethod
    def proxy_flags(cls):
        return ()

    @classmethod
    def setUpClass(cls):
        cls.browser = browser()
        cls.tokens = cls.enterClassContext(sandbox(*cls.TOKEN_FLAGS))
        cls.api = cls.enterClassContext(Recorder())
        cls.pages = cls.enterClassContext(Pages())
        cls.proxy = cls.enterClassContext(Proxy(cls.api, cls.tokens, cls.proxy_flags()))

    def setUp(self):
        self.api.forget()
