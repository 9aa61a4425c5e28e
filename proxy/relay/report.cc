#include "relay/report.h"

namespace bearer::relay {

void report_attempt(const Exchange& x, const Outcome& outcome, const Decision& next) {
  const AttemptEnd end{x.request, x.attempts, x.cause, outcome, next, x.detail};
  x.lane.counters->attempt_ended(end);
  x.worker.observer().attempt_ended(end);
}

void report_end(const Exchange& x) {
  const ExchangeEnd end{.request = x.request,
                        .status = x.status,
                        .attempts = x.attempts,
                        .took = x.now() - x.began,
                        .waited = x.waited,
                        .token_generation = x.token ? x.token->generation : 0,
                        .request_bytes = x.request_bytes,
                        .response_bytes = x.response_bytes,
                        .whole = x.whole};
  x.lane.counters->exchange_ended(end);
  if (const auto why = x.body.unkept()) x.lane.counters->body_not_kept(*why);
  x.worker.observer().exchange_ended(end);
}

void report_reply(Worker& worker, const Request& request, const LocalReply& reply) {
  worker.counters().replied(reply);
  worker.observer().replied(request, reply);
}

void report_peer_refused(Worker& worker, unsigned uid) {
  worker.counters().peers_refused.add();
  worker.observer().peer_refused(uid);
}

void report_accepting_failed(Worker& worker, int error) {
  worker.counters().accepts_failed.add();
  worker.observer().accepting_failed(error, worker.loop().now());
}

void report_accepting_recovered(Worker& worker) {
  worker.observer().accepting_recovered(worker.loop().now());
}

}  // namespace bearer::relay
