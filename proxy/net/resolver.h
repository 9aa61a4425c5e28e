// Host names to addresses by the system's own resolver (getaddrinfo: hosts file, nsswitch), which
// blocks: so on a thread of its own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "net/socket_address.h"

namespace bearer::net {

/// Blocks. Errc::resolve_failed with the system's own words.
base::Result<SocketAddresses> resolve(const std::string& host, std::uint16_t port);

class Resolver {
 public:
  using Done = std::function<void(base::Result<SocketAddresses>)>;
  using Lookup =
      std::function<base::Result<SocketAddresses>(const std::string& host, std::uint16_t port)>;

  /// `lookup` is called on the resolver's thread, also after this object's end: it refers to
  /// nothing that may end before.
  explicit Resolver(Lookup lookup = net::resolve);
  /// Drops what is queued. A lookup that hangs in the system's resolver is left to end by itself.
  ~Resolver();

  /// Calls `done` on the resolver's thread. From any thread.
  void resolve(std::string host, std::uint16_t port, Done done);

 private:
  struct Question {
    std::string host;
    std::uint16_t port;
    Done done;
  };
  /// Shared with the thread, which may outlive this object inside getaddrinfo.
  struct Queue {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Question> questions;
    bool ended = false;
  };
  static void serve(const std::shared_ptr<Queue>& queue, const Lookup& lookup);

  std::shared_ptr<Queue> queue_;
};

}  // namespace bearer::net
