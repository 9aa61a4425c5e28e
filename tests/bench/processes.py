"""Processes of a run: started on chosen cores, measured by the kernel's own accounting, ended by
their id whatever happens."""

import contextlib
import os
import pathlib
import random
import resource
import signal
import socket
import subprocess
import time

CPUCLOCK_SCHED = 2  # clock_getcpuclockid(3): the CPU time of a whole process, to the nanosecond


class Failure(Exception):
    """The run is void; the message says why."""


def raise_descriptor_limit(wanted=65536):
    """Children inherit it. Returns the limit that holds now."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in (max(hard, wanted), hard):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
            return limit
        except (ValueError, OSError):
            continue  # only root may raise the hard limit
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def free_port():
    """Below the ephemeral range, so that no outgoing connection takes it meanwhile."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Process:
    """A program and its children. `with` ends them, with force those that do not end within
    `patience` seconds. `group` is the folder of a control group."""

    def __init__(self, command, cores, log, environment=None, port=None, stdin=None,
                 group=None, patience=5):
        self.name = os.path.basename(command[0])
        self.port = port
        self._log = log
        self._patience = patience
        self.started = time.monotonic()
        with open(log, "ab") as stderr, running_on(cores):
            self.process = subprocess.Popen(
                command,
                stdin=stdin or subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env={**os.environ, **(environment or {})},
                preexec_fn=(lambda: join(group)) if group else None,
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(self._patience)
            except subprocess.TimeoutExpired:
                for pid in self._pids():
                    os.kill(pid, signal.SIGKILL)
                self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()

    def wait_until_it_answers(self, seconds=20):
        """Until a request through it comes to a good end."""
        self._wait_until(answers, seconds)

    def wait_until_it_listens(self, seconds=20):
        self._wait_until(listens, seconds)

    def _wait_until(self, reached, seconds):
        end = time.monotonic() + seconds
        while not reached(self.port):
            if self.process.poll() is not None:
                raise Failure(f"{self.name} ended at its start:\n{self.log_end()}")
            if time.monotonic() > end:
                raise Failure(f"{self.name} does not serve after {seconds} s:\n{self.log_end()}")
            time.sleep(0.0001)

    def log_end(self):
        with open(self._log, errors="replace") as log:
            return log.read()[-2000:]

    def line(self):
        """The next line that it prints; empty if it ended."""
        return self.process.stdout.readline()

    def cpu_seconds(self):
        return sum(time.clock_gettime((~pid << 3) | CPUCLOCK_SCHED) for pid in self._pids())

    def memory(self):
        """Bytes in RAM."""
        return sum(resident_bytes(pid) for pid in self._pids())

    def reset_memory_peak(self):
        """Where that is not allowed (see resident_bytes), the peak so far stands."""
        for pid in self._pids():
            with contextlib.suppress(PermissionError):
                pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")

    def memory_peak(self):
        return sum(field_bytes(f"/proc/{pid}/status", "VmHWM:") for pid in self._pids())

    def _pids(self):
        pids = [self.process.pid]
        for pid in pids:  # grows while it is walked: children's children too
            with open(f"/proc/{pid}/task/{pid}/children") as children:
                pids += map(int, children.read().split())
        return pids


@contextlib.contextmanager
def running_on(cores):
    """A child inherits the cores. A preexec_fn would do, but then Python copies itself first: 2 ms
    that would count as the child's start."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def join(group):
    """Where the calling process runs from now on."""
    (group / "cgroup.procs").write_text(str(os.getpid()))


def resident_bytes(pid):
    try:
        return field_bytes(f"/proc/{pid}/smaps_rollup", "Rss:")
    except PermissionError:
        # A process that guards its secrets shows its maps to nobody but root. This figure lags
        # behind by some hundred KiB.
        return field_bytes(f"/proc/{pid}/status", "VmRSS:")


def field_bytes(path, name):
    with open(path) as lines:
        for line in lines:
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    raise Failure(f"{path} has no {name}")


def listens(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False


def answers(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as client:
            client.sendall(b"GET /api/v2/users/me HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            return client.recv(1024).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
