// The waits of an exchange before and between its attempts. Each one ends early if the client
// leaves.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "net/task.h"
#include "relay/exchange_state.h"
#include "relay/limits/pacer.h"
#include "relay/limits/request_kind.h"
#include "relay/telemetry/wait_watch.h"

namespace bearer::relay {

/// A wait that lasts as long as this object. It is counted while it lasts, shown, and reported if
/// it is long.
class WaitScope {
 public:
  enum class End {
    known,    ///< at the deadline, unless the client leaves
    unknown,  ///< at the deadline at the latest
  };
  /// The wait begins later.
  explicit WaitScope(Exchange& exchange) : exchange_(exchange) {}
  WaitScope(Exchange& exchange, WaitFor reason, base::Instant deadline, End end = End::unknown)
      : WaitScope(exchange) {
    begin(reason, deadline, end);
  }
  WaitScope(const WaitScope&) = delete;
  WaitScope& operator=(const WaitScope&) = delete;
  ~WaitScope() { end(); }

  /// REQUIRES: !begun().
  void begin(WaitFor reason, base::Instant deadline, End end);
  void end() {
    if (begun()) end_begun();
  }
  bool begun() const { return exchange_.live.waits == &wait_; }
  base::Instant until() const { return wait_.until; }
  WaitFor reason() const { return wait_.reason; }
  Exchange& exchange() const { return exchange_; }

 private:
  void end_begun();

  Exchange& exchange_;
  WaitUnderWay wait_{};
  std::unique_ptr<WaitWatch::Place> place_;
};

/// True if the request has waited out pauses, and goes in spite of this one, which ends at `ends`.
[[gnu::cold]] bool has_waited_enough(const Exchange& exchange, base::Instant ends);

/// True if the route was told to wait, and this request is no trial of that pause.
inline bool paused(const Exchange& exchange) {
  const base::Instant ends = exchange.route.shared.pause.ends();
  if (ends <= exchange.now() || ends == exchange.progress.tried()) return false;
  return exchange.progress.pauses_met == 0 || !has_waited_enough(exchange, ends);
}

inline RequestKind kind_of(const Request& request) {
  return request_kind(request.method_text(), request.target_text());
}

/// The pause that outlasts this request's window: its route's, or that of its kind. Null if there
/// is none, or this request is the trial of it.
Pause* outlasting_pause(const Exchange& exchange);

/// True if the request backs off, waits for the end of a pause, or is refused because of one.
inline bool must_delay(const Exchange& exchange) {
  if (exchange.progress.backs_off || paused(exchange)) return true;
  return exchange.route.shared.kind_pause.any(exchange.now()) && outlasting_pause(exchange);
}

/// A request's delay: its backoff, then the pauses of its route. Thousands may be delayed at once,
/// so it is no coroutine of its own:
///
///     for (Delay delay(exchange); delay.goes_on(well);) co_await delay.sleep();
///
/// The exchange outlives it.
class Delay {
 public:
  explicit Delay(Exchange& exchange) : scope_(exchange) {}

  /// False once the delay has ended or was broken off. If it was broken off, `well` has the Errc:
  /// upstream_paused if a pause outlasts the request's window, client_left, or draining.
  bool goes_on(base::Result<void>& well) {
    return (scope_.begun() || must_delay(scope_.exchange())) && look(well);
  }
  auto sleep() const {
    Downstream& client = scope_.exchange().client;
    return client.sleeper.sleep(std::min(scope_.until(), client.stream->look_again()));
  }

 private:
  bool look(base::Result<void>& well);

  WaitScope scope_;
};

/// Errc::draining for a stream of HTTP/2 that found a place only when a drain ended what waits.
base::Result<void> came_in_time(const Exchange& exchange);

/// True if the request may not go at once, though nothing delays it: requests are paced, or there
/// is no permit for this one yet, or no token.
inline bool must_queue(const Exchange& exchange) {
  const Route& route = exchange.route.shared;
  return route.pacer.awake() || !exchange.route.token.current() ||
         (route.in_flight.limited() && !exchange.progress.permit.held());
}
/// Waits with the others until this request may go, or a pause begins. It waits for its
/// permit, for its turn (unless its window ends before), and for a token. `under_way` says that the
/// request is counted. Errc: turn_too_late, queue_too_long, client_left, draining, token_rejected;
/// token_unreachable if no token comes in time.
net::Task<base::Result<void>> queue_up(Exchange& exchange, Pacer::UnderWay& under_way);

/// After a 401, puts the token for the replay into the exchange. Errc: those of a wait for a token,
/// and token_unreachable if the credential holds off.
net::Task<base::Result<void>> renew_token(Exchange& exchange);

}  // namespace bearer::relay
