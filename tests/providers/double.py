"""A token endpoint of every provider at once, which keeps what it was asked. It is also the egress proxy
that leads there, by TLS with certificates of its own."""

import base64
import email.utils
import json
import ssl
import subprocess
import threading
import time
import socketserver
import urllib.parse

LIFE_S = 3600


def make_authority(folder, hosts):
    """A root in root.pem, and a certificate for these hosts; the TLS context of a server."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "root.key", "-out", "root.pem", "-days", "2",
            "-subj", "/CN=a root for this run")
    openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=provider")
    names = ",".join(f"DNS:{host}" for host in hosts)
    (folder / "names").write_text(f"subjectAltName={names}\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "root.pem", "-CAkey", "root.key",
            "-CAcreateserial", "-out", "server.pem", "-days", "2", "-extfile", "names")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return context


class Request:
    """What came, and to which URL it was to go."""

    def __init__(self, method, url, fields, body):
        self.method, self.url, self.fields, self.body = method, url, fields, body

    def is_metadata(self):
        """About the provider or the machine, and not for a token."""
        return any(part in self.url for part in ("/.well-known/", "/discovery/", "/latest/"))

    def members(self):
        """Of the query and the body, by name."""
        query = urllib.parse.urlsplit(self.url).query
        found = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        if self.body.startswith(b"{"):
            found |= {name: value if isinstance(value, str) else json.dumps(value)
                      for name, value in json.loads(self.body).items()}
        else:
            found |= urllib.parse.parse_qsl(self.body.decode(), keep_blank_values=True)
        return found


def jwt(claims):
    def part(content):
        return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
    return f'{part({"alg": "none"})}.{part(claims)}.c2lnbmF0dXJl'


def answer(request):
    """A status and a text."""
    parts = urllib.parse.urlsplit(request.url)
    end = time.time() + LIFE_S
    iso = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end))
    if "/latest/" in parts.path:
        last = parts.path.rpartition("/")[2]
        return 200, {"token": "session", "availability-zone": "eu-central-1b",
                     "security-credentials": "job"}.get(last) or json.dumps(
                         {"AccessKeyId": "ASIA1", "SecretAccessKey": "k", "Token": "t"})
    if request.is_metadata():
        base = f"https://{parts.netloc}/{parts.path.split('/')[1]}"
        return 200, json.dumps({"issuer": f"{base}/v2.0", "jwks_uri": f"{base}/keys",
                                "token_endpoint": f"{base}/oauth2/v2.0/token",
                                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize"})
    if parts.path.endswith("/access_tokens"):
        return 201, json.dumps({"token": "made", "expires_at": iso, "permissions": {},
                                "repository_selection": "all"})
    if parts.path.endswith("/identity"):
        return 200, jwt({"exp": int(end)})
    if parts.path.endswith(":generateAccessToken"):
        return 200, json.dumps({"accessToken": "made", "expireTime": iso})
    if parts.path.startswith("/services/"):
        return 200, json.dumps({
            "access_token": "00D1!AQcAQ", "instance_url": f"https://{parts.netloc}",
            "id": "https://login.salesforce.com/id/00D1/0051", "token_type": "Bearer",
            "issued_at": str(int(end) * 1000), "signature": "c2lnbmF0dXJl", "scope": "api"})
    kind = "DPoP" if "dpop" in request.fields else "Bearer"
    return 200, json.dumps({"access_token": "made", "token_type": kind, "expires_in": LIFE_S,
                            "expires_on": str(int(end)),
                            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token"})


class Double(socketserver.ThreadingTCPServer):
    """Serves until the `with` block ends."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, context):
        self.context, self._requests, self._lock = context, [], threading.Lock()
        super().__init__(("127.0.0.1", 0), Connection)
        self.host = f"127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def keep(self, request):
        with self._lock:
            self._requests.append(request)

    def take(self):
        """What was asked since the last time."""
        with self._lock:
            taken, self._requests = self._requests, []
        return taken

    def handle_error(self, *_):
        """A client that has gone."""


class Connection(socketserver.StreamRequestHandler):
    """One after the other on it."""

    def handle(self):
        origin = f"http://{self.server.host}"
        while line := self.rfile.readline().decode("latin-1"):
            method, target, _ = line.split(" ", 2)
            fields = {}
            while (field := self.rfile.readline().decode("latin-1").strip()):
                name, value = field.split(":", 1)
                fields[name.lower()] = value.strip()
            if method == "CONNECT":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                secured = self.server.context.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = secured.makefile("rb"), secured.makefile("wb", 0)
                origin = f"https://{target.removesuffix(':443')}"
                continue
            self._answer(method, fields.pop("x-original-url", origin + target), fields)

    def _answer(self, method, url, fields):
        if fields.get("transfer-encoding"):
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(fields.get("content-length", 0)))
        request = Request(method, url, fields, body)
        self.server.keep(request)
        status, text = answer(request)
        kind = "application/json" if text.startswith("{") else "application/text"
        head = (f"HTTP/1.1 {status} OK\r\nContent-Type: {kind}\r\nMetadata-Flavor: Google\r\n"
                f"Date: {email.utils.formatdate(usegmt=True)}\r\n"
                f"Content-Length: {len(text)}\r\n\r\n")
        self.wfile.write((head + text).encode())
