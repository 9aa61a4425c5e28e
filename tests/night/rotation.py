"""Many processes with one file of a refresh token, killed at random, at an endpoint that ends the grant
for good when a refresh token comes a second time."""

import collections
import contextlib
import http.server
import json
import os
import pathlib
import random
import secrets
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse

PROCESSES, QUICK_PROCESSES = 50, 20
SECONDS, QUICK_SECONDS = 600, 180
TOKEN_LIFE_S = 3  # `serve` renews it while it runs
ANSWER_S = 0.05  # at most
RUN_S = 4  # the longest that one process runs before it is killed
SAVED_S = 5  # a token that is not in its file by then was lost
COMMANDS = ("token", "exec", "serve")


class Family:
    """One grant: its refresh tokens, of which one is good. With `leeway` the one before is good too
    until its successor was used, as several providers have it."""

    def __init__(self, path, leeway, seed):
        self._path, self._leeway = path, leeway
        self._random = random.Random(seed)
        self.calm = threading.Lock()  # held from a rotation until its token is in the file
        self.good, self._before = secrets.token_urlsafe(), None
        self.rotations = self.reuses = self.repeated = 0
        self.revoked = False
        path.write_text(self.good)
        path.chmod(0o600)

    def answer(self, token):
        """A status and its body."""
        if self.revoked or token not in (self.good, self._before):
            self.reuses += not self.revoked
            self.revoked = True
            return 400, {"error": "invalid_grant"}
        self.repeated += token == self._before
        self.rotations += 1
        self._before, self.good = (token if self._leeway else None), secrets.token_urlsafe()
        time.sleep(self._random.random() * ANSWER_S)
        return 200, {"access_token": secrets.token_urlsafe(), "token_type": "Bearer",
                     "expires_in": TOKEN_LIFE_S, "refresh_token": self.good}

    def is_saved(self):
        return self._path.read_text().strip() == self.good

    def await_saved(self):
        """The answer is out: nobody can help a process that is killed before it is in the file."""
        until = time.monotonic() + SAVED_S
        while not self.is_saved() and time.monotonic() < until:
            time.sleep(0.001)


class Endpoint(http.server.HTTPServer):
    """Takes one request after the other: what a killed process asked for comes before what is asked
    for later."""

    request_queue_size = 128

    def __init__(self, family, leeway):
        self.family, self.leeway = family, leeway
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_):
        """A client that was killed."""


class Handler(http.server.BaseHTTPRequestHandler):
    timeout = 5

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        token = dict(urllib.parse.parse_qsl(body.decode()))["refresh_token"]
        family = self.server.family
        if self.server.leeway:
            return self._say(*family.answer(token))
        with family.calm:
            if not self._is_there():
                return None  # killed, and its token is not spent
            self._say(*family.answer(token))
            family.await_saved()
        return None

    def _is_there(self):
        self.connection.setblocking(False)
        try:
            return self.connection.recv(1, socket.MSG_PEEK) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False
        finally:
            self.connection.setblocking(True)

    def _say(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_):
        pass


class Runner(threading.Thread):
    """Starts one process after the other, and kills most of them at some moment."""

    def __init__(self, program, endpoint, path, until, seed):
        super().__init__(daemon=True)
        self._program, self._endpoint, self._path = program, endpoint, path
        self._until, self._random = until, random.Random(seed)
        self.ran, self.failures = collections.Counter(), []

    def run(self):
        while time.monotonic() < self._until:
            self._one(self._random.choice(COMMANDS))

    def _argv(self, command):
        url = self._endpoint.url
        argv = [self._program, command, "--token-url", url, "--upstream", url,
                "--grant", "refresh_token", "--client-id", "night", "--auth-method", "none",
                "--refresh-token-file", str(self._path), "--token-wait", "60s",
                "--refresh-margin", "1s"]
        if command == "exec":
            return [*argv, "--", "sh", "-c", "sleep 0.2"]
        return [*argv, "--listen", "127.0.0.1:0", "--admin", "off"] if command == "serve" else argv

    def _one(self, command):
        is_killed = command == "serve" or self._random.random() < 0.7
        patience = self._random.random() * RUN_S if is_killed else 120
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("BEARER_PROXY")}
        with subprocess.Popen(self._argv(command), env=environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True) as process:
            try:
                said = process.communicate(timeout=patience)[1]
            except subprocess.TimeoutExpired:
                self._kill(process)
                self.ran["killed"] += is_killed
                said = process.communicate()[1]
        self.ran[command] += 1
        if process.returncode not in (0, -9) or not is_killed and process.returncode:
            self.failures.append(f"{command} ended with {process.returncode}: {said[-300:]}")

    def _kill(self, process):
        family = self._endpoint.family
        with contextlib.nullcontext() if self._endpoint.leeway else family.calm:
            process.kill()
            process.wait()


def chaos(night, leeway, processes, seconds):
    """The family at the end, what ran, and what failed."""
    with tempfile.TemporaryDirectory(prefix="rotation-") as scratch:
        path = pathlib.Path(scratch) / "refresh-token"
        family = Family(path, leeway, night.seed)
        endpoint = Endpoint(family, leeway)
        threading.Thread(target=endpoint.serve_forever, daemon=True).start()
        until = time.monotonic() + seconds
        runners = [Runner(night.program, endpoint, path, until, night.seed * 1000 + number)
                   for number in range(processes)]
        for runner in runners:
            runner.start()
        for runner in runners:
            runner.join()
        endpoint.shutdown()
        endpoint.server_close()
        left = sorted(each.name for each in path.parent.iterdir())
    ran = sum((runner.ran for runner in runners), collections.Counter())
    return family, ran, [text for runner in runners for text in runner.failures], left


def run(night, report):
    processes = QUICK_PROCESSES if night.quick else PROCESSES
    seconds = (QUICK_SECONDS if night.quick else SECONDS) / 2
    rows = []
    for leeway, kills in ((False, "but while a rotated token is on its way into the file"),
                          (True, "at any moment, at an endpoint with leeway")):
        night.progress(f"rotation: {processes} processes for {seconds:.0f} s, killed {kills}")
        family, ran, failures, left = chaos(night, leeway, processes, seconds)
        for failure in failures[:5]:
            night.progress(failure)
        name = "rotation with leeway" if leeway else "rotation"
        rows.append((kills, sum(ran[command] for command in COMMANDS), ran["killed"],
                     family.rotations, family.repeated, family.reuses, len(failures),
                     " ".join(left)))
        report.target(f"{name}: refresh tokens spent twice", family.reuses, 0, family.reuses == 0)
        report.target(f"{name}: processes that failed", len(failures), 0, not failures)
        report.target(f"{name}: rotations", family.rotations, "some", family.rotations > 0)
        report.target(f"{name}: files left", len(left), "at most 3", len(left) <= 3)
    report.table(
        f"{processes} processes on one refresh token's file, {2 * seconds:.0f} s",
        ("killed", "processes", "of them killed", "rotations", "the former token taken again",
         "reuses", "failures", "files left"), rows)
