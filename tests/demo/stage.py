"""Starts and ends the programs of the demonstration: the sandbox and the proxy in front of it."""

import os
import selectors
import signal
import subprocess
import time

START_S = 60
END_S = 60  # more than a proxy without requests needs to drain

CLIENT_ID = "sandbox"
CLIENT_SECRET = "sandbox-secret"  # the sandbox's own default: it opens nothing else


class StageError(Exception):
    """A program did not do what the stage needs."""


class Program:
    """A process that says `listening on URL` on its standard output. Ends with the `with` block."""

    def __init__(self, name, argv, env=None, stderr=None, stdin=None):
        self.name = name
        self._process = subprocess.Popen(
            argv,
            env=env,
            stdin=stdin or subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,  # Ctrl-C is ours to hand on, in the right order
        )
        try:
            self._output = b""  # that was not read yet
            self.url = self.read_url("listening on")
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        return self._process.pid

    def has_ended(self):
        return self._process.poll() is not None

    def stop(self):
        """Returns the exit status."""
        if not self.has_ended():
            self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        return status

    def read_url(self, said):
        """The URL in the next line, which begins with `said`."""
        line = self._read_line(time.monotonic() + START_S)
        if not line.startswith(f"{said} http"):
            raise StageError(f"{self.name} said '{line}' and not where: {said}")
        return line.removeprefix(f"{said} ")

    def _read_line(self, deadline):
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._output:
                if not selector.select(deadline - time.monotonic()):
                    raise StageError(f"{self.name} does not listen after {START_S} s")
                piece = os.read(self._process.stdout.fileno(), 4096)
                if not piece:
                    raise StageError(f"{self.name} ended before it listened")
                self._output += piece
        line, self._output = self._output.split(b"\n", 1)
        return line.decode()


def start_sandbox(build, flags, stderr=None):
    """It ends when we do, however we end: its standard input is ours to hold open."""
    argv = [f"{build}/bearer-sandbox", "--end-with-stdin", *flags]
    return Program("the sandbox", argv, stderr=stderr, stdin=subprocess.PIPE)


def start_proxy(build, sandbox_url, flags=(), stderr=None, upstream_url=None):
    """With the sandbox's tokens, in front of it or of another API, with default settings but for
    `flags`; nobody's environment gets in. It ends when we do."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("BEARER_PROXY_", "GENESYS_"))}
    env["BEARER_PROXY_CLIENT_SECRET"] = CLIENT_SECRET
    argv = [
        *("setpriv", "--pdeathsig", "TERM"),
        f"{build}/bearer-proxy",
        *("--upstream", upstream_url or sandbox_url),
        *("--token-url", f"{sandbox_url}/oauth/token"),
        *("--client-id", CLIENT_ID),
        *flags,
    ]
    return Program("the proxy", argv, env=env, stderr=stderr)


def exit_on_sigterm():
    """So that a SIGTERM leaves the `with` blocks, as Ctrl-C does."""

    def leave(signal_number, _):
        raise SystemExit(128 + signal_number)

    signal.signal(signal.SIGTERM, leave)
