#include "app/probe.h"

#include <string>
#include <utility>

#include "http/message.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/run.h"
#include "net/wait.h"
#include "relay/head/own_fields.h"
#include "wire/connect.h"
#include "wire/one_request.h"

namespace bearer::app {
namespace {

using base::Errc;
using base::Error;
using base::Result;

constexpr std::size_t kHeadBytesMax = 256u << 10;  // more than a head may have

base::Secret request_text(const relay::RouteOptions& route, const base::Secret& token) {
  const http::Url& url = route.upstream;
  std::string head = "GET " + (url.path.empty() ? "/" : url.path) +
                     " HTTP/1.1\r\nHost: " + url.authority() + "\r\nConnection: close\r\n";
  for (const http::Field& field :
       {http::Field{"User-Agent", "bearer-proxy"}, http::Field{"Accept", "*/*"}}) {
    if (!relay::is_replaced(field, route)) http::append_field_line(head, field.name, field.value);
  }
  const base::Secret before = relay::before_token(route);
  const std::string_view after = relay::after_token(route);
  std::string text;
  text.reserve(head.size() + before.reveal().size() + token.reveal().size() +
               after.size());  // growing would leave copies of the secrets
  text.append(head).append(before.reveal()).append(token.reveal()).append(after);
  return base::Secret(std::move(text));
}

/// What the final response's head says. What follows it is not read.
net::Task<Result<ProbeAnswer>> ask(net::Loop& loop, net::Resolver& resolver,
                                   const relay::RouteOptions& route, const base::Secret& token) {
  net::Sleeper sleeper(loop);
  const auto within = [&](base::Duration limit) {
    return net::Wait{sleeper, base::after(loop.clock().now(), limit)};
  };
  const net::Wait dialing = within(route.connect_timeout);
  const wire::Destination to{route.upstream, route.ca_file, route.client_cert_file,
                             route.client_key_file, route.egress};
  const auto stream = co_await wire::connect(loop, resolver, to, dialing);
  if (!stream) co_return stream.error();
  wire::OneRequest asked(**stream, within(route.response_timeout), kHeadBytesMax);
  const base::Secret text = request_text(route, token);
  const Result<void> sent = co_await asked.send(text.reveal());
  if (!sent) co_return sent.error();
  http::ResponseHead head;
  const Result<void> headed = co_await asked.read_head(head);
  if (!headed) co_return headed.error();
  co_return ProbeAnswer{head.status, http::bearer_challenge(head.fields)};
}

}  // namespace

base::Result<ProbeAnswer> probe(const relay::RouteOptions& route, const base::Secret& token,
                                const base::Clock& clock) {
  net::Loop loop(clock);
  net::Resolver resolver;
  return net::run<Result<ProbeAnswer>>(loop, ask(loop, resolver, route, token),
                                       Error{Errc::connection_lost, ""});
}

}  // namespace bearer::app
