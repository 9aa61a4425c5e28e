"""The two ends between which a proxy is measured: our own upstream and our own clients."""

import json
import urllib.request

from processes import Failure, Process


class Upstream(Process):
    """Answers, checks tokens and counts. `url` is plain; `tls_url` needs bench.certificate."""

    def __init__(self, bench, **options):
        command = [str(bench.build / "bearer-bench-upstream")]
        command += ["--certificate", bench.certificate.file, "--key", bench.certificate.key]
        for name, value in options.items():
            command += ["--" + name.replace("_", "-"), str(value)]
        super().__init__(command, bench.cores.upstream, bench.directory / "upstream.log")
        lines = [self.line(), self.line()]
        if not all(lines):
            raise Failure(f"the upstream did not start:\n{self.log_end()}")
        ports = dict(line.split() for line in lines)
        self.port = int(ports["plain"])
        self.url = f"http://127.0.0.1:{ports['plain']}"
        self.tls_url = f"https://127.0.0.1:{ports['tls']}"
        self.token_url = self.url + "/oauth/token"

    def token(self):
        """A token for the proxies that cannot get one."""
        form = b"grant_type=client_credentials"
        with urllib.request.urlopen(self.token_url, form, timeout=10) as answer:
            return json.load(answer)["access_token"]

    def counts(self):
        with urllib.request.urlopen(self.url + "/stats", timeout=10) as answer:
            return json.load(answer)


class Client(Process):
    """One scenario of bearer-bench-client; see its main.cc."""

    def __init__(self, bench, scenario, proxy, *numbers, stdin=None):
        command = [str(bench.build / "bearer-bench-client"), scenario, str(proxy.port)]
        command += [str(int(number)) for number in numbers]
        super().__init__(command, bench.cores.client, bench.directory / "client.log", stdin=stdin)

    def result(self):
        line = self.line()
        if not line.startswith("{"):
            raise Failure(f"the client failed: {self.log_end()}")
        return json.loads(line)


def ask(bench, scenario, proxy, *numbers):
    """Runs a scenario to its end and returns what it printed."""
    with Client(bench, scenario, proxy, *numbers) as client:
        return client.result()
