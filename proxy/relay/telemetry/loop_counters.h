// The counts of one event loop that belong to no route. That loop alone writes them, and any thread
// reads them.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "base/count.h"
#include "relay/replies/local_reply.h"

namespace bearer::relay {

/// The number of replies by the error of Proxy-Status and the status.
using RepliesByError = std::map<std::pair<std::string_view, int>, std::uint64_t>;

class alignas(64) LoopCounters {
 public:
  base::Count clients;        ///< connections
  base::Count streams;        ///< streams of those that speak HTTP/2
  base::Count peers_refused;  ///< by --allow-uid
  base::Count accepts_failed;

  /// Counts a reply of the proxy's own.
  void replied(const LocalReply& reply);
  /// Adds to `sums` what was counted.
  void add_replies(RepliesByError& sums) const;

 private:
  struct Kind {
    std::string_view error;  ///< a literal
    int status = 0;
    base::Count count;
  };
  /// There are fewer kinds than this; a further one would not be counted.
  std::array<Kind, 64> kinds_;
  std::atomic<std::size_t> known_{0};  // the number of them that are final
};

}  // namespace bearer::relay
