#include "relay/reply.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "relay/client/lingering.h"
#include "relay/head/cors.h"
#include "relay/loop_context.h"
#include "relay/replies/stub_token.h"
#include "relay/report.h"
#include "relay/waits.h"

namespace bearer::relay {

using base::Errc;
using base::Error;
using net::Task;
using net::Wait;
using net::Wake;

namespace {

/// Sends the client what the outbox and its stream still hold; false if the client does not take
/// it.
Task<bool> flush(Downstream& client, base::Duration patience) {
  while (client.out.flush(*client.stream)) {
    if (client.out.empty() && client.stream->unsent() == 0) co_return true;
    const base::Instant now = client.context.now();
    const Wait wait{client.sleeper, base::after(now, patience), client.stream.get()};
    const Wake woke = co_await wait.next();
    if (woke != Wake::ready) break;
  }
  co_return false;
}

/// Sends a reply of our own. The client's connection goes on if the request was sound. `whole`
/// becomes true once the client has taken all of it.
Task<Disposition> reply_to(Downstream& client, const Request& request, const RequestBody& body,
                           LocalReply reply, bool& whole) {
  const bool unsent = request.expects_continue && body.untouched();  // the body may never come
  const bool close = reply.unsound || unsent || !request.keep_alive || client.context.draining;
  report_reply(client.context, request, reply);
  reply.grpc = request.grpc;
  http::append_field_line(reply.lines, "X-Request-Id", request.id_text());
  if (request.varies_by_origin) {
    // The fields that a reply may have beside its `lines`.
    append_cors_fields(reply.lines, request.page,
                       "Content-Type, Content-Length, Proxy-Status, Retry-After, Allow, "
                       "Bearer-Proxy-Attempts");
  }
  const wire::ReplyForm form{.with_body = request.method != http::Method::head, .close = close};
  if (!client.out.write(*client.stream, serialize(reply, form))) {
    co_return Disposition::close;
  }
  constexpr std::chrono::seconds kPatience{10};
  whole = co_await flush(client, kPatience);
  co_return !whole || close ? Disposition::close : Disposition::next_request;
}

LocalReply reply_for(const Exchange& exchange, const Error& fault) {
  LocalReply reply = relay::reply_for(fault.code, fault.sentence());
  // The reader may know neither the proxy nor its configuration.
  if (reply.status >= 500 || reply.status == 429) {
    reply.detail += " (route " + exchange.options().label() + ", upstream " +
                    exchange.options().upstream.text() + ")";
  }
  constexpr base::Duration kSoon = std::chrono::seconds(1);
  if (fault.code == Errc::upstream_paused) {
    const Pause* pause = outlasting_pause(exchange);
    reply.retry_after = pause ? std::max(pause->ends() - exchange.now(), kSoon) : kSoon;
  }
  if (fault.code == Errc::turn_too_late) {
    const base::Instant turn = exchange.route.shared.pacer.next_turn(exchange.now());
    reply.retry_after = std::max(turn - exchange.now(), kSoon);
  }
  if (fault.code == Errc::token_unreachable) {
    const base::Instant next = exchange.route.token.state().next_try;
    const bool planned = next != base::kNever && next > exchange.now();
    reply.retry_after = planned ? std::max(next - exchange.now(), kSoon) : kSoon;
  }
  return reply;
}

}  // namespace

Task<Disposition> reply(Exchange& exchange, const Error& fault) {
  LocalReply reply = reply_for(exchange, fault);
  exchange.account.status = reply.status;
  exchange.account.error = reply.error;
  reply.attempts = exchange.account.attempts;
  co_return co_await reply_to(exchange.client, exchange.request, exchange.body, std::move(reply),
                              exchange.account.whole);
}

void ask_for_body(Downstream& client, Request& request) {
  if (!request.expects_continue || !client.in.empty()) return;
  request.expects_continue = false;
  client.out.write(*client.stream, "HTTP/1.1 100 Continue\r\n\r\n");
}

Task<Disposition> answer_with_stub(Downstream& client, std::unique_ptr<Request> request) {
  ask_for_body(client, *request);
  return refuse(client, std::move(request),
                std::make_unique<LocalReply>(stub_token(client.context.wall())));
}

Task<Disposition> refuse(Downstream& client, std::unique_ptr<Request> request,
                         std::unique_ptr<LocalReply> reply) {
  const std::shared_ptr<LoopRoutes> routes = client.context.routes;  // they hold the request's
  RequestBody unwanted(request->framing, {0, 0});
  const base::Instant began = client.context.now();
  const int status = reply->status;
  const std::string_view error = reply->error;
  bool whole = false;
  const Disposition then = co_await reply_to(client, *request, unwanted, *std::move(reply), whole);
  const ExchangeEnd end{.request = *request,
                        .status = status,
                        .took = client.context.now() - began,
                        .error = error,
                        .whole = whole};
  report_refusal(client.context, end);
  const bool sends = then == Disposition::next_request && !unwanted.received();
  if (sends) co_return co_await discard(client, std::move(unwanted).rest());
  co_return then;
}

}  // namespace bearer::relay
