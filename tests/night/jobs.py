"""The batch jobs of tests/jobs within this process, with a client that goes on after a failure."""

import importlib.machinery
import importlib.util
import pathlib
import threading

import batch

JOBS = pathlib.Path(batch.__file__).parent
FAILURES_MAX = 200


def load(name):
    """A job is a script without an ending."""
    loader = importlib.machinery.SourceFileLoader(f"job_{name}", str(JOBS / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


class Stubborn(batch.Client):
    """Notes each failure and sends the request again, so that all of them are counted. A job as it is
    ends at the first one."""

    def __init__(self, base):
        super().__init__(base)
        self.failures = []

    def call(self, method, url, body=None, fields=None):
        while True:
            try:
                return super().call(method, url, body, fields)
            except batch.Failure as failure:
                self.failures.append(str(failure))
                if len(self.failures) > FAILURES_MAX:
                    raise


class Reader(threading.Thread):
    """Runs `walk(client, page_size)` to its end. `on_page()` is called after each page."""

    def __init__(self, walk, page_size, client, on_page=lambda: None):
        super().__init__(daemon=True)
        self._walk, self._page_size, self._on_page = walk, page_size, on_page
        self.client, self.ledger, self.failure = client, batch.Ledger(), None

    def run(self):
        try:
            for ids, total in self._walk(self.client, self._page_size):
                self.ledger.add_page(ids, total)
                self._on_page()
        except batch.Failure as failure:
            self.failure = str(failure)
