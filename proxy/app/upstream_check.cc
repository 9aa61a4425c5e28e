#include "app/upstream_check.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/digest.h"
#include "base/encoding.h"
#include "http/message.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/run.h"
#include "net/wait.h"
#include "relay/head/own_fields.h"
#include "wire/connect.h"
#include "wire/h2/client_connection.h"
#include "wire/h2/client_stream.h"
#include "wire/one_request.h"
#include "wire/tls_wanted.h"

namespace bearer::app {
namespace {

using base::Errc;
using base::Error;
using base::Result;

constexpr std::size_t kHeadBytesMax = 256u << 10;  // more than a head may have

/// An answer, and what it says about proofs.
struct Heard {
  UpstreamAnswer answer;
  bool wants_nonce = false;
  std::string nonce;
};

/// The DPoP field's value; empty if the token is not bound.
Result<std::string> prove(const http::Url& url, const token::Fetched& token, std::string_view nonce,
                          base::WallTime now) {
  if (!token.binding) return std::string();
  const std::string digest = base::base64url_encode(base::sha256(token.value.reveal()));
  const std::unique_ptr<token::Prover> prover = token.binding->prover();
  const Result<std::string_view> proof = prover->prove({.method = "GET",
                                                        .origin = url.origin(),
                                                        .target = url.path.empty() ? "/" : url.path,
                                                        .token_digest = digest,
                                                        .nonce = nonce,
                                                        .now = now});
  if (!proof) return proof.error();
  return std::string(*proof);
}

base::Secret request_text(const relay::RouteOptions& route, const base::Secret& token,
                          std::string_view proof) {
  const http::Url& url = route.upstream;
  std::string head = "GET " + (url.path.empty() ? "/" : url.path) +
                     " HTTP/1.1\r\nHost: " + url.authority() + "\r\nConnection: close\r\n";
  for (const http::Field& field :
       {http::Field{"User-Agent", "bearer-proxy"}, http::Field{"Accept", "*/*"}}) {
    if (!relay::is_replaced(field, route)) http::append_field_line(head, field.name, field.value);
  }
  if (!proof.empty()) http::append_field_line(head, "DPoP", proof);
  const base::Secret before =
      proof.empty() ? relay::before_token(route) : relay::before_bound_token(route);
  const std::string_view after = relay::after_token(route);
  std::string text;
  text.reserve(head.size() + before.reveal().size() + token.reveal().size() +
               after.size());  // growing would leave copies of the secrets
  text.append(head).append(before.reveal()).append(token.reveal()).append(after);
  return base::Secret(std::move(text));
}

/// Opens a connection for one request, in either version of HTTP.
net::Task<Result<std::unique_ptr<net::Stream>>> connect(net::Loop& loop, net::Resolver& resolver,
                                                        const relay::RouteOptions& route,
                                                        net::Wait wait, bool& http2) {
  const bool tls = route.upstream.tls;
  const bool must = route.upstream_http == relay::UpstreamHttp::http_2;
  const bool may = route.upstream_http != relay::UpstreamHttp::http_1_1;
  const wire::Destination to{route.upstream, route.ca_file, route.client_cert_file,
                             route.client_key_file, route.egress};
  auto stream = co_await wire::connect(loop, resolver, to, wait,
                                       may ? net::Alpn::either : net::Alpn::http_1_1);
  if (!stream) co_return stream.error();
  http2 = must || (*stream)->speaks_h2();
  if (!http2) co_return std::move(stream);
  auto connection =
      co_await wire::h2::ClientConnection::settled(loop, std::move(*stream), tls, wait);
  if (!connection) co_return connection.error();
  std::unique_ptr<net::Stream> translated =
      std::make_unique<wire::h2::ClientStream>(*std::move(connection));
  translated->set_waiter(&wait.sleeper);
  co_return translated;
}

/// Sends one request, and reads the final response's head. Its body is of no interest, except where
/// it may say that the port speaks TLS.
net::Task<Result<Heard>> ask(net::Loop& loop, net::Resolver& resolver,
                             const relay::RouteOptions& route, const token::Fetched& token,
                             std::string nonce) {
  net::Sleeper sleeper(loop);
  const auto within = [&](base::Duration limit) {
    return net::Wait{sleeper, base::after(loop.clock().now(), limit)};
  };
  Heard heard;
  const net::Wait dialing = within(route.connect_timeout);
  const auto stream = co_await connect(loop, resolver, route, dialing, heard.answer.http2);
  if (!stream) co_return stream.error();
  wire::OneRequest asked(**stream, within(route.response_timeout), kHeadBytesMax);
  const Result<std::string> proof = prove(route.upstream, token, nonce, loop.clock().wall());
  if (!proof) co_return proof.error();
  const base::Secret text = request_text(route, token.value, *proof);
  const Result<void> sent = co_await asked.send(text.reveal());
  if (!sent) co_return sent.error();
  http::ResponseHead head;
  const Result<void> headed = co_await asked.read_head(head);
  if (!headed) co_return headed.error();
  heard.answer.status = head.status;
  heard.answer.challenge = http::bearer_challenge(head.fields);
  heard.wants_nonce = head.status == 401 && http::wants_dpop_nonce(head.fields);
  heard.nonce = http::dpop_nonce(head.fields);
  if (head.status == 400 && !route.upstream.tls) {
    const Result<base::Secret> body = co_await asked.read_body(http::Method::get, head);
    heard.answer.wants_tls = body && wire::wants_tls(head.status, body->reveal());
  }
  co_return heard;
}

}  // namespace

base::Result<UpstreamAnswer> check_upstream(const relay::RouteOptions& route,
                                            const token::Fetched& token, const base::Clock& clock) {
  net::Loop loop(clock);
  net::Resolver resolver;
  const auto hear = [&](const std::string& nonce) {
    return net::run<Result<Heard>>(loop, ask(loop, resolver, route, token, nonce),
                                   Error{Errc::connection_lost, ""});
  };
  Result<Heard> heard = hear("");
  const bool again = heard && token.binding && heard->wants_nonce && !heard->nonce.empty();
  if (again) heard = hear(heard->nonce);
  if (!heard) return heard.error();
  heard->answer.with_nonce = again;
  return std::move(heard->answer);
}

}  // namespace bearer::app
