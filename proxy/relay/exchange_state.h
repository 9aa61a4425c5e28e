// One request, from its head to the end of its answer: what the coroutines of the request path
// share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/count.h"
#include "net/wait.h"
#include "relay/body/request_body.h"
#include "relay/body/resume_point.h"
#include "relay/downstream.h"
#include "relay/limits/in_flight.h"
#include "relay/loop_context.h"
#include "relay/request.h"
#include "relay/telemetry/cause.h"
#include "relay/telemetry/observer.h"
#include "relay/telemetry/request_list.h"
#include "relay/telemetry/trace.h"
#include "relay/token_replay.h"
#include "token/source.h"

namespace bearer::relay {

/// What becomes of the client's connection.
enum class Disposition : std::uint8_t {
  next_request,  ///< once the rest of the body has been taken
  close,
  drop,  ///< at once: it had its time
  cut,   ///< without an orderly end, which would make half an answer look whole
};

/// A download that broke off, and goes on.
struct Download {
  ResumePoint point;
  std::string request_head;    ///< asks for the rest; without own fields and the empty line
  bool close = false;          ///< the client's connection ends after it
  std::uint64_t received = 0;  ///< bytes that the attempt before brought
};

/// How far the story of a request has come.
struct Progress {
  InFlight::Permit place;  ///< at the upstream, where they are limited; kept for a replay, not
                           ///< while it backs off
  token::TokenPtr token;  ///< of the attempt under way
  TokenReplay replay;
  std::uint64_t nonce = 0;             ///< DpopNonce::number() of that attempt's proof
  std::unique_ptr<Download> download;  ///< null but for one that broke off
  base::Instant probed{};              ///< when the pause ends that the attempt under way probes
  base::Instant backoff_ends{};        ///< if `backs_off`
  int retries = 0;                     ///< begun, replays after a 401 not counted, nor `replaced`
  int plain_500_retries = 0;           ///< those of them that a 500 without a time to wait began
  Cause cause = Cause::first;          ///< of the attempt under way
  bool for_nonce = false;              ///< that attempt follows one whose proof lacked the nonce
  bool replaced = false;               ///< a reused connection was lost, and another taken
  bool backs_off = false;              ///< the next attempt comes after a backoff
  bool spill_failure_said = false;
};

/// What will be told of the exchange when it is over, as far as it is known.
using Account = ExchangeEnd;

/// Lives in the coroutine of its client, and counts as a flight of the loop's until land().
struct Exchange {
  Exchange(Downstream& its_client, Request& its_request)
      : client(its_client),
        request(its_request),
        context(client.context),
        routes(context.routes),
        route(routes->of(*request.route)),
        options(route.shared.options),
        body(request.framing,
             {options.replay_bytes_max, options.replay_memory_bytes_max, context.replay_budget},
             &options),
        began(now()),
        window_ends(new_window()),
        account{.request = request},
        live(context.requests, account, began) {
    if (request.is_told()) trace = std::make_unique<TraceRecorder>(request, began);
    context.loop.begin_flight();
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  /// If it is not over, the loop has ended: what its client has of an answer is cut short.
  ~Exchange() {
    if (!over && !account.whole) client.stream->reset_on_close();
    land();
  }

  /// So much of the bodies has moved by now. Beyond what one would wait for it is no flight any
  /// more: the loop does not look for its next byte.
  void moved(std::uint64_t bytes) {
    constexpr std::uint64_t kFlightBytesMax = 256u << 10;
    if (bytes > kFlightBytesMax) land();
  }
  void land() {
    if (flies) context.loop.end_flight();
    flies = false;
  }

  base::Instant now() const { return context.now(); }
  /// When a window that begins now ends.
  base::Instant new_window() const {
    const base::Duration most = options.retry.window;
    return base::after(now(), std::min(most, request.prefers_wait.value_or(most)));
  }
  /// Until `deadline`, for as long as the client stays.
  net::Wait until(base::Instant deadline) const {
    return {client.sleeper, deadline, client.stream.get()};
  }
  /// The same for a wait that a drain ends.
  net::Wait patiently_until(base::Instant deadline) const {
    return {client.sleeper, deadline, client.stream.get(), &context.waits_are_over};
  }
  /// The client has left, or a drain ends what waits.
  bool waits_in_vain() const { return client_left() || context.waits_are_over; }
  bool client_left() const { return client.stream->peer_left(now()); }
  net::Wait for_at_most(base::Duration time) const { return until(base::after(now(), time)); }

  // The parties.
  Downstream& client;
  Request& request;
  LoopContext& context;
  const std::shared_ptr<LoopRoutes> routes;  ///< also if a reload replaces the loop's
  LoopRoute& route;
  const RouteOptions& options;
  RequestBody body;

  const base::Instant began;
  base::Instant window_ends;  ///< of retries; a download that goes on has another one
  Progress progress;
  Account account;
  RequestList::Live live;
  std::unique_ptr<TraceRecorder> trace;  ///< null where its spans are not told
  const base::Counted in_flight{route.counters->in_flight};
  bool flies = true;
  bool over = false;
};

}  // namespace bearer::relay
