// The admin port, with an event loop and a thread of its own, so that it cannot slow or stop the
// data plane, nor the data plane it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "admin/endpoints.h"
#include "admin/hooks.h"
#include "admin/session.h"
#include "base/clock.h"
#include "base/recurrence.h"
#include "net/accept_loop.h"
#include "net/listener.h"
#include "net/loop.h"
#include "net/peer.h"
#include "net/task.h"
#include "wire/sessions.h"

namespace bearer::admin {

/// Used by one thread.
class Server {
 public:
  /// If all places are taken, a new client takes the place of the one that has been silent longest,
  /// so that slow clients, however many, keep nobody from /healthz.
  static constexpr std::size_t kSessionsMax = 64;

  struct Options {
    std::vector<std::string> hosts;      ///< served beside the loopback names; lower case
    std::vector<unsigned> allowed_uids;  ///< users of this machine; empty: any
  };
  /// Outlives the event loops that Hooks::beat asks, because they answer by messages to its loop.
  Server(Options options, std::vector<net::Listener> listeners, const base::Clock& clock);
  ~Server();

  /// From now on only those users of this machine are served; empty: any. Ends the others' sessions
  /// where they stand.
  void serve_only(std::vector<unsigned> users);

  /// Begins to answer. The objects that the hooks refer to live until stop().
  void start(Hooks hooks);
  /// Ends every session where it stands. May be called again.
  void stop();

 private:
  net::Task<void> sample();
  void accept(int fd);
  bool serves(const net::Peer& peer);  ///< logs a refusal
  void say_failed(int error);
  void say_recovered();

  Options options_;
  std::vector<net::Listener> listeners_;
  net::Loop loop_;
  std::optional<Endpoints> endpoints_;
  wire::Sessions<Session> sessions_;
  std::vector<std::unique_ptr<net::AcceptLoop>> accept_loops_;
  net::PeerFinder peers_;
  base::Recurrence accepting_failed_, peers_refused_;
  net::Sleeper sampling_;
  net::Task<void> sampler_;
  std::thread thread_;
};

}  // namespace bearer::admin
