#include "app/probe.h"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "http/head_parser.h"
#include "http/head_scanner.h"
#include "net/dialer.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/write_all.h"

namespace bearer::app {
namespace {

using base::Errc;
using base::Error;
using base::Result;

base::Secret request_text(const http::Url& url, const base::Secret& token) {
  const std::string head = "GET " + (url.path.empty() ? "/" : url.path) +
                           " HTTP/1.1\r\nHost: " + url.authority() +
                           "\r\nUser-Agent: bearer-proxy\r\nAccept: */*\r\nConnection: close"
                           "\r\nAuthorization: Bearer ";
  std::string text;
  text.reserve(head.size() + token.reveal().size() + 4);  // growing would leave copies of the token
  text.append(head).append(token.reveal()).append("\r\n\r\n");
  return base::Secret(std::move(text));
}

net::Task<Result<void>> send(net::Stream& stream, net::Wait wait, std::string_view text) {
  const net::Written written = co_await net::write_all(stream, wait, text);
  if (written == net::Written::whole) co_return {};
  const bool late = written == net::Written::late;
  co_return Error{late ? Errc::response_timeout : Errc::connection_lost, ""};
}

/// Appends what comes next.
net::Task<Result<void>> receive(net::Stream& stream, net::Wait wait, std::string& bytes) {
  std::array<char, 4096> buffer;
  for (;;) {
    const net::Io io = stream.read(buffer);
    if (io.ok()) {
      bytes.append(buffer.data(), io.bytes);
      co_return {};
    }
    if (!io.blocked()) co_return Error{Errc::connection_lost, ""};
    if (co_await wait.next() == net::Wake::timed_out) co_return Error{Errc::response_timeout, ""};
  }
}

/// The final response's head; interim ones are passed over. What follows it is not read.
net::Task<Result<ProbeAnswer>> read_head(net::Stream& stream, net::Wait wait) {
  using Status = http::HeadScanner::Status;
  http::HeadScanner scanner(http::HeadScanner::Kind::response);
  std::string bytes;
  for (;;) {
    const Status status = bytes.empty() ? Status::incomplete : scanner.feed(bytes);
    if (status == Status::incomplete) {
      const Result<void> more = co_await receive(stream, wait, bytes);
      if (!more) co_return more.error();
      continue;
    }
    http::ResponseHead head;
    http::HeadFault fault = http::HeadScanner::fault(status);
    if (fault == http::HeadFault::none) {
      fault = http::parse_response_head(
          std::string_view(bytes).substr(scanner.begin(), scanner.length()), head);
    }
    if (fault != http::HeadFault::none) {
      co_return Error{Errc::response_malformed, std::string(http::sentence(fault))};
    }
    if (head.status >= 200) {
      co_return ProbeAnswer{head.status, http::bearer_challenge(head.fields)};
    }
    bytes.erase(0, scanner.begin() + scanner.length());
    scanner.reset();
  }
}

net::Task<Result<ProbeAnswer>> exchange(net::Loop& loop, net::Resolver& resolver,
                                        const relay::RouteOptions& route,
                                        const base::Secret& token) {
  const http::Url& url = route.upstream;
  std::unique_ptr<net::TlsContext> tls;
  if (url.tls) {
    auto made = net::TlsContext::make(
        {route.ca_file, url.host, route.client_cert_file, route.client_key_file});
    if (!made) co_return made.error();
    tls = std::move(*made);
  }
  net::TcpDialer dialer(loop, resolver, url.host, url.port, std::move(tls),
                        route.egress.proxy_for(url.host));
  net::Sleeper sleeper(loop);
  const auto deadline = [&](base::Duration limit) {
    return base::after(loop.clock().now(), limit);
  };
  const auto dialed = co_await dialer.dial({sleeper, deadline(route.connect_timeout)});
  if (!dialed) co_return dialed.error();
  const base::Secret text = request_text(url, token);
  const net::Wait wait{sleeper, deadline(route.response_timeout)};
  const Result<void> sent = co_await send(*dialed->stream, wait, text.reveal());
  if (!sent) co_return sent.error();
  co_return co_await read_head(*dialed->stream, wait);
}

net::Task<void> run(net::Loop& loop, net::Resolver& resolver, const relay::RouteOptions& route,
                    const base::Secret& token, Result<ProbeAnswer>& result) {
  result = co_await exchange(loop, resolver, route, token);
  loop.stop();
}

}  // namespace

base::Result<ProbeAnswer> probe(const relay::RouteOptions& route, const base::Secret& token,
                                const base::Clock& clock) {
  net::Loop loop(clock);
  net::Resolver resolver;
  Result<ProbeAnswer> result = Error{Errc::connection_lost, ""};
  net::Task<void> task = run(loop, resolver, route, token, result);
  task.start();
  loop.run();
  return result;
}

}  // namespace bearer::app
