#include "relay/reach.h"

#include <optional>
#include <string>
#include <utility>

#include "base/advice.h"
#include "net/dial_failure.h"
#include "wire/h2/channel.h"

namespace bearer::relay {
namespace {

using base::advice_on;
using base::Errc;
using base::Error;
using base::Trouble;
using net::Task;
using net::Wait;
using wire::h2::ErrorCode;

/// Advice on an upstream that did not answer as HTTP/1.1 does, and may want another protocol.
std::string advice_on_protocol(const Exchange& exchange, const Attempt& attempt) {
  if (exchange.options().upstream.tls || attempt.shared()) return {};
  if (exchange.request.grpc) return advice_on(Trouble::http_2_wanted);
  return advice_on(Trouble::tls_there, exchange.options().upstream_setting);
}

/// The alert of a server that wants another certificate of ours. With TLS 1.3 our handshake is over
/// when the server looks at the certificate, so its alert is the first thing read (RFC 8446 section
/// 4.4.2.4). It has not looked at the request then.
std::optional<Error> certificate_refused(const Exchange& exchange, const Attempt& attempt) {
  const bool first = exchange.options().upstream.tls && !attempt.reused() && attempt.heard() == 0;
  if (!first || attempt.shared()) return std::nullopt;
  const net::DialedServer server = dialed_server(exchange.options());
  const std::string alert = attempt.failure();
  if (net::alert_fix(server, alert).empty()) return std::nullopt;
  return net::dial_failure(server, {Errc::tls_handshake_failed, alert});
}

/// True if HTTP/2 is tried first. The only tunnels that it carries are WebSockets.
bool wants_stream(const Exchange& exchange) {
  const Request& request = exchange.request;
  switch (exchange.options().upstream_http) {
    case UpstreamHttp::http_1_1: return false;
    case UpstreamHttp::http_2: return !request.wants_tunnel || request.websocket;
    case UpstreamHttp::as_client: break;
  }
  return exchange.options().upstream.tls && request.http2 &&
         (!request.wants_tunnel || request.websocket);
}

void note_certificate(Exchange& exchange, const net::Stream& fresh) {
  if (const auto ends = fresh.certificate_ends())
    exchange.route.counters->certificate_shown({exchange.now(), *ends});
}

UpstreamStreams::Asked asked(const Exchange& exchange) {
  return {.path = exchange.request.path(), .websocket = exchange.request.websocket};
}

/// False if the upstream speaks HTTP/1.1.
Task<base::Result<bool>> take_stream(Exchange& exchange, Attempt& attempt) {
  const Wait wait = exchange.for_at_most(exchange.options().connect_timeout);
  auto taken = co_await exchange.route.streams.take(wait, asked(exchange));
  if (!taken) co_return net::dial_failure(dialed_server(exchange.options()), taken.error());
  std::optional<UpstreamConnection>& stream = *taken;
  if (!stream) co_return false;
  if (!stream->reused) note_certificate(exchange, *stream->stream);
  attempt.attach(std::move(*stream));
  co_return true;
}

}  // namespace

bool take_kept(Exchange& exchange, Attempt& attempt) {
  const bool shared = wants_stream(exchange);
  // A request that cannot be sent again must not meet a connection that is already dead.
  auto kept = shared ? exchange.route.streams.open(asked(exchange))
                     : exchange.route.pool.take(!exchange.request.idempotent);
  if (!kept) return false;
  attempt.attach(*std::move(kept));
  return true;
}

Task<base::Result<void>> connect(Exchange& exchange, Attempt& attempt) {
  if (wants_stream(exchange)) {
    const base::Result<bool> streams = co_await take_stream(exchange, attempt);
    if (!streams) co_return streams.error();
    if (*streams) co_return {};
    if (auto parked = exchange.route.pool.take(!exchange.request.idempotent)) {
      attempt.attach(*std::move(parked));
      co_return {};
    }
  }
  const Wait wait = exchange.for_at_most(exchange.options().connect_timeout);
  base::Result<net::Dialed> dialed =
      co_await exchange.route.dialer->dial(wait, net::Alpn::http_1_1);
  if (!dialed) co_return net::dial_failure(dialed_server(exchange.options()), dialed.error());
  note_certificate(exchange, *dialed->stream);
  attempt.attach({std::move(dialed->stream), dialed->address});
  co_return {};
}

Error lost(const Exchange& exchange, const Attempt& attempt) {
  if (const auto refused = certificate_refused(exchange, attempt)) return *refused;
  const ErrorCode ended_with = attempt.stream_ended_with();
  if (ended_with == ErrorCode::malformed) return {Errc::response_malformed, attempt.failure()};
  if (ended_with == ErrorCode::http_1_1_required)
    exchange.route.streams.avoid(exchange.request.path());
  if (attempt.unprocessed())
    return {Errc::stream_refused, "the upstream did not process the request"};
  const std::string why = attempt.shared() ? attempt.failure() : std::string();
  if (!why.empty()) return {Errc::connection_lost, why};
  if (attempt.heard() > 0) {
    return {Errc::connection_lost,
            "the upstream closed the connection before the head of its response was whole"};
  }
  const bool spoke = attempt.reused();  // so it is not the protocol
  return {Errc::connection_lost, "the upstream closed the connection",
          spoke ? std::string() : advice_on_protocol(exchange, attempt)};
}

Error malformed(const Exchange& exchange, const Attempt& attempt) {
  std::string text = attempt.fault_text();  // it may quote a word
  exchange.progress.token->value.redact(text);
  const bool asks = text.ends_with('?');  // it says what to look at
  std::string fix;
  if (exchange.request.grpc) fix = advice_on_protocol(exchange, attempt);
  if (fix.empty() && attempt.foreign() && !asks)
    fix = advice_on(Trouble::not_http, exchange.options().upstream_setting);
  return {Errc::response_malformed, std::move(text), std::move(fix)};
}

}  // namespace bearer::relay
