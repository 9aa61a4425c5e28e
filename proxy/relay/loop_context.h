// The state that the exchanges of one event loop share: the loop, memory, random numbers, counters,
// and the routes in force. A request that meets no fault takes no lock, unless its route is paced
// or limits the requests in flight.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/count.h"
#include "base/random.h"
#include "http/message.h"
#include "net/loop.h"
#include "net/peer.h"
#include "net/pipe.h"
#include "net/wait_list.h"
#include "relay/body/replay_budget.h"
#include "relay/head/request_id.h"
#include "relay/loop_routes.h"
#include "relay/telemetry/counter_registry.h"
#include "relay/telemetry/observer.h"
#include "relay/telemetry/request_list.h"
#include "relay/telemetry/trace_queue.h"
#include "relay/telemetry/wait_watch.h"
#include "wire/h2/server.h"

namespace bearer::relay {

/// Memory that every exchange of a loop uses in turn. Its content is lost when the coroutine
/// sleeps.
struct Scratch {
  static constexpr std::size_t kBodyBytes = 1u << 20;  ///< resident only as far as it was used

  /// Room for kBodyBytes after their links were rewritten and grew. They hardly ever need more.
  static constexpr std::size_t kRelinkedBytes = 2 * kBodyBytes;

  std::unique_ptr<char[]> body = std::make_unique_for_overwrite<char[]>(kBodyBytes);
  std::unique_ptr<char[]> relinked = std::make_unique_for_overwrite<char[]>(kRelinkedBytes);
  http::RequestHead request;
  http::ResponseHead response;
  const void* response_of = nullptr;  ///< the attempt whose head that is; see Attempt::response()
  std::string head;

  std::span<char> body_space() { return {body.get(), kBodyBytes}; }
  /// A second buffer beside body_space(), for the rewritten body.
  std::span<char> relinked_space() { return {relinked.get(), kRelinkedBytes}; }
};

/// Used on its loop's thread. The constructor's arguments outlive it.
struct LoopContext {
  LoopContext(const base::Clock& clock, Observer& its_observer, CounterRegistry& registry,
              std::unique_ptr<base::Random> its_random,
              std::size_t requests_kept = RequestList::kKept)
      : loop(clock),
        observer(its_observer),
        counters(registry.loop(loop)),
        random(std::move(its_random)),
        requests(requests_kept),
        long_waits(loop, observer) {}

  base::Instant now() const { return loop.now(); }
  base::WallTime wall() const { return loop.clock().wall(); }
  /// Uniform in [0, 1).
  double jitter() { return random->unit(); }
  /// True if --allow-uid lets the client's request begin.
  bool serves(const net::Peer& peer) const {
    return net::is_welcome(peer, routes->snapshot().allowed_uids);
  }
  /// True if serves() depends on the client's user.
  bool asks_for_users() const { return !routes->snapshot().allowed_uids.empty(); }

  net::PipePool pipes;
  net::Loop loop;
  Observer& observer;
  LoopCounters& counters;
  const std::unique_ptr<base::Random> random;
  RequestIds request_ids;
  RequestList requests;
  WaitWatch long_waits;
  Scratch scratch;
  ReplayBudget* replay_budget =
      nullptr;                         ///< of the process; null: kept bodies have no common limit
  TraceQueue* traces = nullptr;        ///< the queue for spans; null: none are sent
  base::Count lingerers;               ///< clients that have their answer, and may still send
  base::Count rests;                   ///< requests that are sent on though they were answered
  std::shared_ptr<LoopRoutes> routes;  ///< in force; an exchange holds those that it began with
  /// Makes a client of a stream that came on a client's connection. Set by Sessions.
  std::function<void(std::unique_ptr<net::Stream>, const net::Peer&, int fd)> add_stream;
  wire::h2::Server::Places places_of_streams;  ///< set by Sessions
  net::WaitList places;                        ///< connections whose streams wait for one
  std::size_t streams_waiting = 0;             ///< for a place, of all of them
  /// By one in the accept queue: the next client that is idle goes. Shared with the loops that take
  /// clients in turn.
  std::shared_ptr<std::atomic<bool>> place_wanted = std::make_shared<std::atomic<bool>>(false);
  bool draining = false;        ///< a client's connection ends after the current answer
  bool waits_are_over = false;  ///< a drain has come to its end: requests that wait get a reply
};

}  // namespace bearer::relay
