// One request, from its head to the end of its answer: what the coroutines of the request path
// share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/count.h"
#include "net/wait.h"
#include "relay/body/request_body.h"
#include "relay/downstream.h"
#include "relay/limits/in_flight.h"
#include "relay/request.h"
#include "relay/retry_policy.h"
#include "relay/telemetry/cause.h"
#include "relay/telemetry/wait_times.h"
#include "relay/worker.h"
#include "token/source.h"

namespace bearer::relay {

/// What becomes of the client's connection.
enum class Disposition {
  next_request,
  close,
  cut,  ///< without an orderly end, which would make half an answer look whole
};

/// Lives in the coroutine of its client, and counts as a flight of the loop's for as long.
struct Exchange {
  Exchange(Downstream& its_client, Request& its_request)
      : client(its_client),
        request(its_request),
        worker(client.worker),
        lanes(worker.lanes()),
        lane(lanes->of(*request.route)),
        options(lane.route.options),
        body(request.framing, {options.replay_bytes_max, options.replay_memory_bytes_max}),
        began(worker.loop().now()),
        window_ends(base::after(began, std::min(options.retry.window, request.prefers_wait.value_or(
                                                                          options.retry.window)))) {
    worker.loop().begin_flight();
  }

  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  /// Of one that is not over, the loop has ended: what its client has of an answer is cut short.
  ~Exchange() {
    if (!over && !whole) client.stream->reset_on_close();
    worker.loop().end_flight();
  }

  base::Instant now() const { return worker.loop().now(); }
  /// Until `deadline`, for as long as the client stays.
  net::Wait until(base::Instant deadline) const {
    return {client.sleeper, deadline, client.stream.get()};
  }
  net::Wait for_at_most(base::Duration time) const { return until(base::after(now(), time)); }

  Downstream& client;
  Request& request;
  Worker& worker;
  const std::shared_ptr<LoopRoutes> lanes;  ///< also if a reload replaces the worker's
  LoopRoute& lane;
  const RouteOptions& options;
  RequestBody body;
  const base::Instant began, window_ends;

  InFlight::Permit permit;  ///< where they are limited; kept for a replay, not while it backs off
  token::TokenPtr token;    ///< of the attempt under way
  int attempts = 0;
  int retries = 0;        ///< begun, replays after a 401 not counted, nor `replaced`
  bool replaced = false;  ///< a reused connection was lost, and another taken
  bool spill_failure_said = false;
  Replay replay = Replay::none;  ///< what the attempt under way is
  Cause cause = Cause::first;    ///< of the attempt under way
  WaitTimes waited;
  std::string detail;  ///< of the last fault or refusal, for a person

  const base::Counted in_flight{lane.counters->in_flight};
  bool over = false;
  int status = 0;  ///< of the answer
  bool whole = false;
  std::uint64_t request_bytes = 0, response_bytes = 0;
};

}  // namespace bearer::relay
