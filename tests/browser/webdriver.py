"""A headless Chromium, driven over the WebDriver protocol (W3C)."""

import http.client
import json
import os
import re
import subprocess
import tempfile
import time

PATIENCE_S = 120  # for whatever a page is waited for
ANSWER_S = PATIENCE_S + 60  # for the driver, which waits for a page in its turn
STARTS_MAX = 5

ARGUMENTS = [
    "--headless",
    "--no-proxy-server",
    "--disable-gpu",
    # No name leads out of this machine; those of the tests lead to it.
    "--host-resolver-rules=MAP *.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-pipe",  # so that it ends with its driver, whatever ends that one
]


class WebDriverError(Exception):
    """What the driver could not do, in its own words."""


class Browser:
    """One window. `with` ends it, and leaves nothing behind."""

    def __init__(self):
        self._home = tempfile.TemporaryDirectory(prefix="bearer-proxy-browser-")
        try:
            port = self._start()
            self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_S)
            self._session = "/session/" + self._open_session()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            if hasattr(self, "_session"):
                self._call("DELETE", "")
        finally:
            self._end_driver()
            self._home.cleanup()

    def open(self, url):
        """Returns when the page was loaded."""
        self._call("POST", "/url", {"url": url})

    def run(self, script, *given):
        """What the body of an async function of the page returns; it finds `given` by that name."""
        function = f"return (async (...given) => {{ {script} }})(...arguments)"
        return self._call("POST", "/execute/sync", {"script": function, "args": list(given)})

    def wait_until(self, condition):
        """Until the JavaScript expression is true; returns what it is."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                if value := self.run(f"return {condition}"):
                    return value
            except WebDriverError as error:
                if not re.search("navigat|unloaded|execution context", str(error)):
                    raise  # else the page was left meanwhile
        raise WebDriverError(f"not within {PATIENCE_S} s: {condition}")

    def wait_for_text(self, part):
        """Until a person sees it on the page."""
        self.wait_until(f"document.body?.innerText.includes({json.dumps(part)})")

    def click(self, selector):
        found = self._call("POST", "/element", {"using": "css selector", "value": selector})
        self._call("POST", f"/element/{next(iter(found.values()))}/click", {})

    def text(self):
        """What a person sees of the page."""
        return self.run("return document.body.innerText")

    def developer_tools(self, command, **parameters):
        """A command of the Chrome DevTools Protocol."""
        return self._call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def log(self, kind):
        """What is new of `browser` (the console) or `performance` (the network)."""
        return self._call("POST", "/se/log", {"type": kind})

    def _start(self):
        """Returns its port. The driver takes a free one of IPv4 and ends where IPv6 has it in use."""
        for _ in range(STARTS_MAX):
            self._driver = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "chromedriver", "--port=0"],
                env={**os.environ, "HOME": self._home.name, "TMPDIR": self._home.name},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                text=True,
            )
            for line in self._driver.stdout:
                if said := re.search(r"started successfully on port (\d+)", line):
                    return int(said[1])
            self._end_driver()
        raise WebDriverError("chromedriver does not start; its Debian package is chromium-driver")

    def _end_driver(self):
        if driver := getattr(self, "_driver", None):
            driver.terminate()
            driver.wait()
            driver.stdout.close()

    def _open_session(self):
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # root has none to leave
        options = {"args": [*ARGUMENTS, *sandbox, f"--user-data-dir={self._home.name}/profile"]}
        options["binary"] = "/usr/lib/chromium/chromium"
        capabilities = {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "timeouts": {"script": PATIENCE_S * 1000},
        }
        body = json.dumps({"capabilities": {"alwaysMatch": capabilities}})
        return self._answer("POST", "/session", body)["sessionId"]

    def _call(self, method, path, body=None):
        text = json.dumps(body) if body is not None else None
        return self._answer(method, self._session + path, text)

    def _answer(self, method, path, body):
        self._connection.request(method, path, body)
        value = json.loads(self._connection.getresponse().read())["value"]
        if isinstance(value, dict) and "error" in value:
            raise WebDriverError(value["message"])
        return value
