#include "relay/report.h"

namespace bearer::relay {

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
      exchange.request, exchange.account.attempts, exchange.progress.cause, outcome, next, detail};
  exchange.route.counters->attempt_ended(end);
  exchange.live.attempt_ended(end.cause, outcome, exchange.now());
  if (exchange.trace) exchange.trace->attempt_ended(end, exchange.now());
  exchange.context().observer.attempt_ended(end);
}

void report_body_not_kept(const Exchange& exchange, const base::Error& why) {
  exchange.context().observer.body_not_kept(exchange.request, why);
}

void report_not_replayed(const Exchange& exchange, const base::Error& why) {
  exchange.context().observer.not_replayed(exchange.request, why);
}

void report_links(const Exchange& exchange) {
  if (!exchange.route.shared.link_watch.saw()) return;
  exchange.context().observer.links_lead_away(exchange.request);
}

void report_cut(Exchange& exchange, const base::Error& why) {
  exchange.account.cut = cut_reason(why.code);
  exchange.context().observer.response_cut(exchange.request, why);
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
  exchange.context().observer.exchange_ended(end);
}

void report_reply(LoopContext& context, const Request& request, const LocalReply& reply) {
  context.counters.replied(reply);
  context.observer.replied(request, reply, context.now());
}

void report_refusal(LoopContext& context, const ExchangeEnd& end) {
  context.requests.refused(end, context.now());
  if (end.request.is_told()) context.traces->push(trace_of_refusal(end, context.wall()));
  context.observer.exchange_ended(end);
}

void report_peer_refused(LoopContext& context, const net::Peer& peer) {
  context.counters.peers_refused.add();
  context.observer.peer_refused(peer, context.now());
}

void report_http2_failed(LoopContext& context, std::string_view why) {
  context.observer.http2_failed(why, context.now());
}

void report_no_place(LoopContext& context, std::size_t clients) {
  context.observer.no_place(clients, context.now());
}

void report_accepting_failed(LoopContext& context, int error) {
  context.counters.accepts_failed.add();
  context.observer.accepting_failed(error, context.now());
}

void report_accepting_recovered(LoopContext& context) {
  context.observer.accepting_recovered(context.now());
}

}  // namespace bearer::relay
