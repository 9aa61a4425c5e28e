// Serves the clients of one event loop, from the accept queue to the end of each connection, and
// ends them all in a drain.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "net/accept_loop.h"
#include "net/peer.h"
#include "relay/downstream.h"
#include "relay/loop_context.h"
#include "wire/sessions.h"

namespace bearer::relay {

class Sessions;

/// The loops that share listening sockets. They take clients in turn: the kernel wakes the same
/// loop again and again, and that one would take all who wait.
struct Siblings {
  std::vector<Sessions*> all;              ///< complete before one of them turns
  std::atomic<std::size_t> next_turn{0};   ///< modulo their number
  std::atomic<std::size_t> next_asked{0};  ///< for room, likewise
  /// See LoopContext.
  std::shared_ptr<std::atomic<bool>> place_wanted = std::make_shared<std::atomic<bool>>(false);
};

class Sessions {
 public:
  struct Parts {
    const base::Clock& clock;
    Observer& observer;
    CounterRegistry& registry;
    std::unique_ptr<base::Random> random;
    ReplayBudget* replay_budget = nullptr;  ///< see LoopContext
    TraceQueue* traces = nullptr;           ///< likewise
    std::size_t clients_max;
    std::size_t requests_kept = RequestList::kKept;  ///< how many that have ended
    /// Called on the loop's thread once it is draining and the last client has gone.
    std::function<void()> drained;
    Siblings* siblings = nullptr;  ///< this one is among them; null: it is alone
  };
  explicit Sessions(Parts parts);
  /// Ends every session where it stands. The loop must not be turning.
  ~Sessions();

  net::Loop& loop() { return context_.loop; }
  LoopContext& context() { return context_; }

  // On the loop's thread, or before it turns.
  /// Applies to requests from now on. A client that may no longer be served is let go once nothing
  /// of it is in flight. REQUIRES: called once before there is a client.
  void apply(std::shared_ptr<LoopRoutes> routes);
  /// Accepts at once the clients that wait there already. REQUIRES: apply() was called.
  void listen_on(int listening_fd);

  // On the loop's thread.
  /// `fd` is the descriptor of `stream`, which keeps owning it.
  void add_client(std::unique_ptr<net::Stream> stream, const net::Peer& peer, int fd);
  /// Accepts nobody any more, lets idle clients go, and the others after their answer.
  void drain();
  /// Ends the waits of requests, which get a reply. REQUIRES: drain() was called.
  void end_waits();
  /// Takes `fd` over from another loop, soon. False if this one is full or accepts nobody any more;
  /// then `fd` stays the caller's. From any thread.
  bool take_over(int fd);
  /// Streams of clients' connections count as clients: each may use its own upstream connection.
  bool full() const { return clients() >= clients_max_; }
  /// False if this one is full, counting those on their way, or accepts nobody any more. From any
  /// thread: it may have changed since.
  bool has_room() const;
  std::size_t clients() const { return clients_.serving(); }

 private:
  void reaped(std::size_t before);
  /// True if the newcomers have to wait: neither this loop nor another one has room.
  bool no_room() const;
  /// The next in turn, this one or a sibling, that has room; null if all are full.
  Sessions* next_with_room() const;
  void accept(int fd);
  void take(int fd);
  /// Calls `drained`, once, if no client is here or on the way.
  void say_if_drained();
  /// Lets an idle client go, here or else on a sibling. One at a time: the newcomer takes that
  /// place, and asks again if there is another one.
  void make_room();
  /// Lets the client go that has been idle for the longest time. False if nobody is idle.
  bool let_one_go();
  void ask_a_sibling_for_room() const;
  /// Lets a client go that has been idle for a while. The place is for a stream of another one.
  void make_room_for_stream();

  LoopContext context_;
  net::PeerFinder peers_;
  const std::size_t clients_max_;
  const std::function<void()> drained_;
  Siblings* const siblings_;
  wire::Sessions<Downstream> clients_;
  std::vector<std::unique_ptr<net::AcceptLoop>> accept_loops_;
  std::atomic<std::size_t> coming_ = 0;  // clients on the way from other loops
  std::atomic<bool> closed_ = false;     // accepts none of them
  base::Instant looks_for_room_at_{};    // for streams
  bool drained_said_ = false;
};

}  // namespace bearer::relay
