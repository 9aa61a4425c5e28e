// The addresses of one host name, kept up to date: mostly, a moved name is noticed without making a
// request wait.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/resolver.h"
#include "net/task.h"
#include "net/wait.h"
#include "net/wait_list.h"

namespace bearer::net {

/// Used on its loop's thread. The resolver may be shared by loops.
class ResolvedHost {
 public:
  ResolvedHost(Loop& loop, Resolver& resolver, std::string host, std::uint16_t port);
  ~ResolvedHost();

  /// In the name server's order, except that those that failed come last, the latest one at the
  /// end. Waits if nothing is known yet, and up to 1 s if the answer is older than 5 min.
  /// Errc::resolve_failed, connect_timeout or client_left.
  Task<base::Result<SocketAddresses>> addresses(const Wait& wait);

  /// The addresses known now, after all of those failed. Asks again if the answer is older than 1
  /// s, and waits up to 1 s. Errc::client_left.
  Task<base::Result<SocketAddresses>> newer(const Wait& wait);

  /// Asks again in the background if the answer is older than 30 s.
  void refresh();

  /// `address` could not be reached. It comes last for 5 min, or until the others have failed too.
  void failed(const SocketAddress& address);

  /// False once a newer answer has come without this address: it is time to leave it.
  bool has(const SocketAddress& address) const;

 private:
  /// A query in progress. It may outlive the ResolvedHost.
  struct Lookup;

  base::Duration age() const { return loop_.now() - known_at_; }
  void ask();
  /// Asks and waits; if addresses are known, until 1 s after the query at most.
  Task<base::Result<SocketAddresses>> answer(const Wait& wait);
  void answered(base::Result<SocketAddresses> answer);
  void learn(SocketAddresses addresses);
  void put_last(const SocketAddress& address);

  Loop& loop_;
  Resolver& resolver_;
  const std::string host_;
  const std::uint16_t port_;
  SocketAddresses known_;
  std::ptrdiff_t failed_ = 0;  ///< the number of addresses at the end that failed, never all
  base::Instant failed_at_{};  ///< when the latest of them failed
  base::Instant asked_at_{};
  base::Instant known_at_{};
  base::Error failure_{};
  std::uint64_t answers_ = 0;
  std::shared_ptr<Lookup> lookup_;  ///< null if none is in progress
  WaitList waiting_;
};

}  // namespace bearer::net
