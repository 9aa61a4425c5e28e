// A pause that one proxy of a fleet was told of holds for the others, too.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "relay/route.h"

namespace bearer::relay {

/// What the proxies of a fleet know together. Called by one thread, but cancel().
class PauseExchange {
 public:
  struct Pause {
    std::string route;    ///< a name that the whole fleet uses
    base::Duration left;  ///< zero where there is none
  };
  virtual ~PauseExchange() = default;

  /// Tells what is known here, and hears what is known there: each route's longer one of the two.
  /// Blocks for some seconds at most.
  virtual base::Result<std::vector<base::Duration>> exchange(const std::vector<Pause>& here) = 0;
  /// Ends the call under way soon, and lets every later one fail at once. Any thread.
  virtual void cancel() = 0;
};

struct PauseBegun {
  std::shared_ptr<Route> route;
  base::Duration left;
};

/// One round for `routes`: the pauses that the fleet knew and we did not begin, and are returned.
///
/// A pause that outlasts a route's retry window is neither told nor taken. It is this process's own
/// affair, which probes for its end; in the fleet it would stand in the way of every sensible pause
/// that comes later.
base::Result<std::vector<PauseBegun>> share_pauses(std::span<const std::shared_ptr<Route>> routes,
                                                   PauseExchange& fleet, const base::Clock& clock);

}  // namespace bearer::relay
