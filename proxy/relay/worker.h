// One event loop's share of the data plane: its clients, its connections to the upstreams, its view
// of the credentials. Workers share nothing that is locked on the path.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "http/message.h"
#include "net/accept_loop.h"
#include "net/loop.h"
#include "relay/downstream.h"
#include "relay/loop_routes.h"
#include "relay/request_id.h"
#include "relay/telemetry/counter_registry.h"
#include "relay/telemetry/observer.h"

namespace bearer::relay {

/// Memory that every exchange of a loop uses in turn: what it holds is lost when the coroutine
/// sleeps.
struct Scratch {
  static constexpr std::size_t kBodyBytes = 1u << 20;  ///< resident only as far as it was used

  /// Of links that grow by being rewritten, a body holds hardly more.
  static constexpr std::size_t kRelinkedBytes = 2 * kBodyBytes;

  std::unique_ptr<char[]> body = std::make_unique_for_overwrite<char[]>(kBodyBytes);
  std::unique_ptr<char[]> relinked = std::make_unique_for_overwrite<char[]>(kRelinkedBytes);
  http::RequestHead request;
  http::ResponseHead response;
  const void* response_of = nullptr;  ///< the attempt whose head that is; see Attempt::response()
  std::string head;

  std::span<char> body_space() { return {body.get(), kBodyBytes}; }
  /// Beside body_space(), for what is made of it.
  std::span<char> relinked_space() { return {relinked.get(), kRelinkedBytes}; }
};

class Worker {
 public:
  struct Parts {
    const base::Clock& clock;
    Observer& observer;
    CounterRegistry& ledger;
    std::unique_ptr<base::Random> random;
    std::size_t clients_max;
    /// Called on the loop's thread once it is draining and the last client has gone.
    std::function<void()> drained;
  };
  explicit Worker(Parts parts);
  /// Ends every session where it stands. The loop must not be turning.
  ~Worker();

  net::Loop& loop() { return loop_; }

  // On the loop's thread, or before it turns.
  /// For requests from now on; who may no longer be served is let go once nothing is under way for
  /// him. REQUIRES: called once before there is a client.
  void apply(std::shared_ptr<LoopRoutes> lanes);
  /// Takes in at once who waits there already. REQUIRES: go_by() was called.
  void listen_on(int listening_fd);

  // On the loop's thread.
  /// `user` as net::peer_uid().
  void add_client(std::unique_ptr<net::Stream> stream, std::optional<uid_t> user = {});
  /// Takes nobody in any more, lets idle clients go, and the others after their answer.
  void drain();
  bool draining() const { return draining_; }
  bool full() const { return clients() >= parts_.clients_max; }
  std::size_t clients() const { return clients_.size() - ended_.size(); }

  // For the sessions.
  /// Whether a request of that client may begin, by --allow-uid.
  bool serves(const Downstream& client) const;
  const std::shared_ptr<LoopRoutes>& lanes() const { return lanes_; }
  Scratch& scratch() { return scratch_; }
  Observer& observer() { return parts_.observer; }
  LoopCounters& counters() { return counters_; }
  double jitter() { return parts_.random->unit(); }
  RequestIds& request_ids() { return request_ids_; }

 private:
  net::Task<void> session(Downstream& client);
  net::Task<void> reap();
  void accept(int fd);

  Parts parts_;
  net::Loop loop_;
  LoopCounters& counters_;
  RequestIds request_ids_;
  Scratch scratch_;
  std::shared_ptr<LoopRoutes> lanes_;  ///< in force; an exchange holds those that it began with
  std::list<Downstream> clients_;
  std::vector<std::list<Downstream>::iterator> ended_;
  std::vector<std::unique_ptr<net::AcceptLoop>> doors_;
  bool draining_ = false;
  bool drained_ = false;
  net::Sleeper reap_wake_;
  net::Task<void> reaper_;
};

}  // namespace bearer::relay
