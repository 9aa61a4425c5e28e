"""Where the figures come from: cores, versions, and the certificate of the upstream."""

import datetime
import os
import platform
import re
import subprocess
from collections import namedtuple

from processes import Failure
from proxies import program

Cores = namedtuple("Cores", "proxy client upstream")
Certificate = namedtuple("Certificate", "file key")


def share_cores():
    """The proxy has a core to itself, so that nothing but the proxy is in its figures; the ends
    share the second one where there is no third."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise Failure("a proxy cannot be measured on one core: the load would be in its way")
    return Cores({cores[0]}, {cores[1]}, {cores[2 % len(cores)] if len(cores) > 2 else cores[1]})


def make_certificate(directory):
    certificate = Certificate(str(directory / "certificate.pem"), str(directory / "key.pem"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-out", certificate.file, "-keyout", certificate.key],
        check=True, capture_output=True)
    return certificate


def describe(bench):
    """One line for the head of the table."""
    parts = [datetime.date.today().isoformat(), f"{len(os.sched_getaffinity(0))} cores of {cpu()}",
             "Linux " + ".".join(platform.release().split(".")[:2])]
    parts += [version(program("nginx"), "-v"), version(program("haproxy"), "-v")]
    ours = bench.build / "bearer-proxy"
    if ours.exists():
        parts.append(version(str(ours), "--version"))
    return ", ".join(parts)


def cpu():
    with open("/proc/cpuinfo") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def version(path, flag):
    said = subprocess.run([path, flag], capture_output=True, text=True, timeout=10)
    number = re.search(r"\d+\.\d+(\.\d+)?", said.stdout + said.stderr)
    return f"{os.path.basename(path)} {number.group() if number else '?'}"
