"""A batch job as the demonstration runs it: a process of its own, followed by what it reports."""

import json
import pathlib
import subprocess
import threading

JOBS = pathlib.Path(__file__).resolve().parent.parent / "jobs"


class Job:
    """Runs with the `with` block. `got`, `expected` and `summary` change while it runs."""

    def __init__(self, name, noun, flags, url, stderr):
        self.name, self.noun = name, noun
        self.got, self.expected, self.summary = 0, None, None
        argv = [JOBS / name, "--json", *flags, url]
        self._process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def is_running(self):
        return self._reader.is_alive()

    def problems(self):
        """What is wrong with its end, in words; empty if nothing is."""
        status = self._process.wait()
        if self.summary is None:
            return [f"{self.name} ended without a summary (exit status {status})"]
        found = []
        if self.summary["failure"]:
            found.append(f"{self.name}: {self.summary['failure']}")
        for what in ("missing", "doubled"):
            if self.summary[what]:
                found.append(f"{self.name}: {self.summary[what]} records {what}")
        if not found and status != 0:
            found.append(f"{self.name} ended with exit status {status}")
        return found

    def _read(self):
        with self._process.stdout as lines:
            for line in lines:
                report = json.loads(line)
                self.got, self.expected = report["got"], report["expected"]
                if report.get("done"):
                    self.summary = report
