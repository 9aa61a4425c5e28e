"""The proxies that are compared, each set up for the same job: take a request, put the bearer token
in, pass it to the upstream on a kept-alive connection, on one core, without a log."""

import os
import shutil
from urllib.parse import urlsplit

from processes import Failure, Process, free_port

NGINX_CONF = """\
worker_processes 1;
pid {directory}/nginx-{port}.pid;
error_log stderr warn;
events {{ worker_connections 16384; }}
http {{
  access_log off;
  client_body_temp_path {directory}/nginx-body;
  proxy_temp_path {directory}/nginx-proxy;
  fastcgi_temp_path {directory}/nginx-fastcgi;
  uwsgi_temp_path {directory}/nginx-uwsgi;
  scgi_temp_path {directory}/nginx-scgi;
  keepalive_requests 100000000;
  client_max_body_size 0;
  upstream api {{
    server {upstream};
    keepalive 512;
    keepalive_requests 100000000;
  }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass {scheme}://api;
      proxy_http_version 1.1;
      {connection}
      proxy_set_header Authorization "Bearer {token}";
      proxy_ssl_verify on;
      proxy_ssl_name localhost;
      proxy_ssl_trusted_certificate {ca};
      proxy_buffering {buffering};
      proxy_request_buffering {buffering};
    }}
  }}
}}
"""

HAPROXY_CONF = """\
global
  nbthread 1
  tune.pipesize 1048576
defaults
  mode http
  timeout connect 10s
  timeout client 120s
  timeout server 120s
  option splice-request
  option splice-response
frontend clients
  bind 127.0.0.1:{port} backlog 4096
  default_backend api
backend api
  http-reuse always
  http-request set-header Authorization "Bearer {token}"
  server api {upstream} {tls}
"""


def program(name):
    """Debian keeps servers where only root's PATH looks."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        raise Failure(f"{name} is not installed: run `make bench`, which installs it")
    return found


KEEP_ALIVE = 'proxy_set_header Connection "";'
# As its manual has it for WebSockets. Its buffers, a page each as it comes, are what a tunnel's
# bytes go through.
TUNNEL = 'proxy_set_header Connection "upgrade"; proxy_set_header Upgrade $http_upgrade;'
LARGE_BUFFERS = " proxy_buffer_size 256k; proxy_buffers 8 256k; proxy_busy_buffers_size 512k;"


def nginx(bench, upstream, tls=False, buffering=True, connection=KEEP_ALIVE):
    """One worker. As a token it has one of the upstream's, fixed."""
    port = free_port()
    url = urlsplit(upstream.tls_url if tls else upstream.url)
    conf = bench.write(
        f"nginx-{port}.conf",  # several may start at once
        NGINX_CONF.format(
            directory=bench.directory, port=port, upstream=url.netloc, scheme=url.scheme,
            token=upstream.token(), ca=bench.certificate.file,
            buffering="on" if buffering else "off", connection=connection),
    )
    command = [program("nginx"), "-p", str(bench.directory), "-c", conf, "-g", "daemon off;",
               "-e", "stderr"]
    return Process(command, bench.cores.proxy, bench.directory / "nginx.log", port=port)


def nginx_unbuffered(bench, upstream, tls=False):
    return nginx(bench, upstream, tls, buffering=False)


def nginx_large(bench, upstream, tls=False):
    return nginx(bench, upstream, tls, connection=KEEP_ALIVE + LARGE_BUFFERS)


def nginx_tunnel(bench, upstream):
    return nginx(bench, upstream, connection=TUNNEL)


def nginx_large_tunnel(bench, upstream):
    return nginx(bench, upstream, connection=TUNNEL + LARGE_BUFFERS)


def haproxy(bench, upstream, tls=False):
    """One thread, and a fixed token too. It splices, through pipes as large as ours: with the
    kernel's own size it takes twice the CPU."""
    port = free_port()
    url = urlsplit(upstream.tls_url if tls else upstream.url)
    ssl = f"ssl verify required ca-file {bench.certificate.file} sni str(localhost)" if tls else ""
    conf = bench.write(
        "haproxy.conf",
        HAPROXY_CONF.format(port=port, upstream=url.netloc, token=upstream.token(), tls=ssl),
    )
    return Process([program("haproxy"), "-db", "-f", conf], bench.cores.proxy,
                   bench.directory / "haproxy.log", port=port)


def bearer(bench, upstream, tls=False, settings=(), cores=None, group=None):
    """As it comes, but for `settings`: it gets its token from the upstream's token endpoint."""
    command, environment, port = bearer_settings(bench, upstream, tls, settings)
    return Process(command, cores or bench.cores.proxy, bench.directory / "bearer.log",
                   environment=environment, port=port, group=group)


def bearer_settings(bench, upstream, tls=False, settings=()):
    """Command, environment and port."""
    port = free_port()
    command = [str(bench.build / "bearer-proxy"), "--listen", f"127.0.0.1:{port}",
               "--upstream", upstream.tls_url if tls else upstream.url,
               "--token-url", upstream.token_url, "--client-id", "bench", *settings]
    if tls:
        command += ["--ca-file", bench.certificate.file]
    return command, {"BEARER_PROXY_CLIENT_SECRET": "bench", "BEARER_PROXY_ADMIN": "off"}, port


ALL = {"nginx": nginx, "haproxy": haproxy, "bearer": bearer}
