#include "relay/report.h"

#include "base/internal_fault.h"

namespace bearer::relay {
namespace {

/// Calls `event`. A bug of the observer's must not end the requests of others.
template <typename Event>
void tell(const LoopContext& context, Event event) {
  base::notify("an observer could not be told of an event of the data plane",
               [&] { event(context.observer); });
}

}  // namespace

void report_attempt_began(Exchange& exchange) {
  const base::Instant now = exchange.now();
  exchange.live.attempt_began(now);
  if (!exchange.trace) return;
  SpanId span;
  exchange.context().request_ids.make_half(span);
  exchange.trace->attempt_began(span, now);
  Download* download = exchange.progress.download();
  put_sender(download ? std::span<char>(download->request_head) : exchange.request.head.bytes(),
             span);
}

void report_attempt(Exchange& exchange, const Outcome& outcome, const Decision& next,
                    std::string_view detail) {
  const AttemptEnd end{
      exchange.request, exchange.account.attempts, exchange.progress.cause, outcome, next, detail,
      exchange.now()};
  exchange.route.counters->attempt_ended(end);
  exchange.live.attempt_ended(end.cause, outcome, end.now);
  if (exchange.trace) exchange.trace->attempt_ended(end);
  tell(exchange.context(), [&](Observer& observer) { observer.attempt_ended(end); });
}

void report_body_not_kept(const Exchange& exchange, const base::Error& why) {
  tell(exchange.context(),
       [&](Observer& observer) { observer.body_not_kept(exchange.request, why); });
}

void report_not_replayed(const Exchange& exchange, const base::Error& why) {
  tell(exchange.context(),
       [&](Observer& observer) { observer.not_replayed(exchange.request, why); });
}

void report_links(const Exchange& exchange) {
  if (!exchange.route.shared.link_watch.saw()) return;
  tell(exchange.context(), [&](Observer& observer) { observer.links_lead_away(exchange.request); });
}

void report_cut(Exchange& exchange, const base::Error& why) {
  exchange.account.cut = cut_reason(why.code);
  tell(exchange.context(),
       [&](Observer& observer) { observer.response_cut(exchange.request, why); });
}

void report_upload_cut(const Exchange& exchange, const base::Error& why) {
  tell(exchange.context(), [&](Observer& observer) { observer.upload_cut(exchange.request, why); });
}

void report_end(Exchange& exchange) {
  Account& end = exchange.account;
  const token::TokenPtr& token = exchange.progress.token;
  end.took = exchange.now() - exchange.live.began();
  end.token_generation = token ? token->generation : 0;
  exchange.route.counters->exchange_ended(end);
  if (const auto why = exchange.body.unkept()) exchange.route.counters->body_not_kept(*why);
  exchange.context().requests.ended(exchange.live);
  if (exchange.trace) {
    exchange.context().traces->push(exchange.trace->end(end, exchange.context().wall()));
  }
  tell(exchange.context(), [&](Observer& observer) { observer.exchange_ended(end); });
}

void report_reply(LoopContext& context, const Request& request, const LocalReply& reply) {
  context.counters.replied(reply);
  tell(context, [&](Observer& observer) { observer.replied(request, reply, context.now()); });
}

void report_refusal(LoopContext& context, const ExchangeEnd& end) {
  context.requests.refused(end, context.now());
  if (end.request.is_sampled()) context.traces->push(trace_of_refusal(end, context.wall()));
  tell(context, [&](Observer& observer) { observer.exchange_ended(end); });
}

void report_peer_refused(LoopContext& context, const net::Peer& peer) {
  context.counters.peers_refused.add();
  tell(context, [&](Observer& observer) { observer.peer_refused(peer, context.now()); });
}

void report_http2_failed(LoopContext& context, std::string_view why) {
  tell(context, [&](Observer& observer) { observer.http2_failed(why, context.now()); });
}

void report_no_place(LoopContext& context, std::size_t clients) {
  tell(context, [&](Observer& observer) { observer.no_place(clients, context.now()); });
}

void report_accepting_failed(LoopContext& context, int error) {
  context.counters.accepts_failed.add();
  tell(context, [&](Observer& observer) { observer.accepting_failed(error, context.now()); });
}

void report_accepting_recovered(LoopContext& context) {
  tell(context, [&](Observer& observer) { observer.accepting_recovered(context.now()); });
}

}  // namespace bearer::relay
