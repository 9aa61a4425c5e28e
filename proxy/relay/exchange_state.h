// The state of one request, from its head to the end of its answer, which the coroutines of the
// request path share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "net/recycler.h"
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

/// The fate of the client's connection after the answer.
enum class Disposition : std::uint8_t {
  next_request,  ///< its next request is read, once the rest of the body has been taken
  close,
  drop,  ///< it is closed at once: it had its time
  cut,   ///< it is reset, because an orderly end would make half an answer look whole
};

/// A download that broke off and goes on.
struct Download {
  ResumePoint point;
  std::string request_head;    ///< asks for the rest; without own fields and the empty line
  bool close = false;          ///< the client's connection ends after it
  std::uint64_t received = 0;  ///< bytes that the previous attempt brought
};

/// The progress of an exchange in what few exchanges meet.
struct RareProgress : net::recycler::Recycled {
  TokenReplay replay;
  std::uint64_t nonce = 0;             ///< DpopNonce::number() of the current attempt's proof
  std::unique_ptr<Download> download;  ///< null unless a download broke off
  base::Instant tried{};               ///< the end of the pause that the current attempt tries
};

/// The progress of an exchange.
struct Progress {
  /// For writing.
  RareProgress& rare() {
    if (!rarely) rarely = std::make_unique<RareProgress>();
    return *rarely;
  }
  // For reading.
  std::uint64_t nonce() const { return rarely ? rarely->nonce : 0; }
  Download* download() const { return rarely ? rarely->download.get() : nullptr; }
  base::Instant tried() const { return rarely ? rarely->tried : base::Instant{}; }

  InFlight::Permit permit;  ///< where they are limited; kept for a replay, not while it backs off
  token::TokenPtr token;    ///< of the attempt under way
  std::unique_ptr<RareProgress> rarely;  ///< see rare()
  base::Instant backoff_ends{};          ///< if `backs_off`
  int retries = 0;                       ///< begun; excludes replays after a 401 and `replaced`
  int plain_500_retries = 0;             ///< of these, the ones after a 500 without a time to wait
  Cause cause = Cause::first;            ///< of the attempt under way
  int for_nonce = 0;                     ///< how many attempts before it lacked a nonce, in a row
  std::uint8_t pauses_met = 0;           ///< waited out since the last attempt
  bool replaced = false;                 ///< a reused connection was lost, and another taken
  bool backs_off = false;                ///< the next attempt comes after a backoff
  bool spill_failure_said = false;
  bool in_flight = true;  ///< as the loop counts it: see end_flight()
  bool over = false;
};

/// The exchange as report_end() reports it, as far as it is known.
using Account = ExchangeEnd;

/// Lives in the coroutine of its client, and counts as in flight for the loop until end_flight().
struct Exchange {
  Exchange(Downstream& its_client, Request& its_request)
      : client(its_client),
        request(its_request),
        routes(context().routes),
        route(routes->of(*request.route)),
        body(request.framing, {options().replay_bytes_max, options().replay_memory_bytes_max,
                               context().replay_budget}),
        window_ends(new_window()),
        account{.request = request},
        live(context().requests, account, now()) {
    if (request.is_sampled()) trace = std::make_unique<TraceRecorder>(request, live.began());
    route.counters->in_flight.add();
    context().loop.begin_flight();
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  /// If the exchange is not over, the loop has ended: the client's half of an answer is cut.
  ~Exchange() {
    if (!progress.over && !account.whole) client.stream->reset_on_close();
    route.counters->in_flight.take();
    end_flight();
  }

  /// Notes how many bytes of the bodies have moved by now. Beyond what one would wait for, the loop
  /// does not poll for the exchange's next byte any more.
  void moved(std::uint64_t bytes) {
    constexpr std::uint64_t kPolledBytesMax = 256u << 10;
    if (bytes > kPolledBytesMax) end_flight();
  }
  void end_flight() {
    if (progress.in_flight) context().loop.end_flight();
    progress.in_flight = false;
  }

  LoopContext& context() const { return client.context; }
  const RouteOptions& options() const { return route.shared.options; }
  base::Instant now() const { return context().now(); }
  /// The end of a window that begins now.
  base::Instant new_window() const {
    return base::after(now(), std::min(options().retry.window, request.patience));
  }
  /// The first attempt, which began then, is no retry: a long upload must not use the window up. A
  /// client that says how long it waits means all of that time.
  void leave_out_of_window(base::Instant began) {
    if (request.patience != base::Duration::max()) return;
    window_ends = base::after(window_ends, now() - began);
  }
  /// A wait until `deadline` that ends early if the client leaves.
  net::Wait until(base::Instant deadline) const {
    return {client.sleeper, deadline, client.stream.get()};
  }
  /// The same for a wait that a drain ends, too.
  net::Wait patiently_until(base::Instant deadline) const {
    return {client.sleeper, deadline, client.stream.get(), &context().waits_are_over};
  }
  /// True if the client has left, or a drain ends what waits.
  bool waits_in_vain() const { return client_left() || context().waits_are_over; }
  bool client_left() const { return client.stream->peer_left(now()); }
  net::Wait for_at_most(base::Duration time) const { return until(base::after(now(), time)); }

  // The parties.
  Downstream& client;
  Request& request;
  const std::shared_ptr<LoopRoutes> routes;  ///< kept even if a reload replaces the loop's
  LoopRoute& route;
  RequestBody body;

  base::Instant window_ends;  ///< of retries; a resumed download has another one
  Progress progress;
  Account account;
  RequestList::Live live;
  std::unique_ptr<TraceRecorder> trace;  ///< null if it is not sampled
};

}  // namespace bearer::relay
