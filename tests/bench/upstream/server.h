// The upstream's one loop: accepts, and gives each connection its turn.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "bench/peers/poller.h"
#include "bench/upstream/api.h"
#include "bench/upstream/connection.h"
#include "bench/upstream/transport.h"

namespace bearer::bench {

class Server {
 public:
  /// Listens on a free port, on a second one for TLS if `tls` is not null, and prints
  /// `plain PORT` and `tls PORT`.
  Server(const ApiOptions& options, TlsContext tls);

  [[noreturn]] void run();

 private:
  void open(Descriptor& listener, const char* name);
  void handle(const epoll_event& event);
  void accept_all(const Descriptor& listener, SSL_CTX* context);
  void settle(Connection& connection, Connection::Wait next);
  void run_timers();
  Instant next_due() const;
  void forget(Connection& connection);

  Api api_;
  TlsContext tls_;
  Poller poller_;
  Descriptor plain_ = listen_on_loopback();
  std::optional<Descriptor> secure_;
  std::map<Connection*, std::unique_ptr<Connection>> connections_;
  std::set<std::pair<Instant, Connection*>> timers_;
  std::vector<char> scratch_ = std::vector<char>(256 << 10);
};

}  // namespace bearer::bench
