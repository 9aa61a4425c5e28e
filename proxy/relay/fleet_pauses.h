// Shares pauses: what the upstream told one proxy of a fleet holds for the others, too.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "relay/route.h"

namespace bearer::relay {

/// The pauses that the proxies of a fleet know together. One thread calls it, except for cancel().
class PauseExchange {
 public:
  struct Pause {
    std::string route;    ///< a name that the whole fleet uses
    base::Duration left;  ///< zero where there is none
  };
  virtual ~PauseExchange() = default;

  /// Publishes the pauses known here. Returns for each route the longer one of the fleet's pause
  /// and ours. Blocks for some seconds at most.
  virtual base::Result<std::vector<base::Duration>> exchange(const std::vector<Pause>& here) = 0;
  /// Ends the current call soon, and makes every later one fail at once. Any thread.
  virtual void cancel() = 0;
};

struct PauseBegun {
  std::shared_ptr<Route> route;
  base::Duration left;
};

/// Does one round for `routes`. Begins the pauses that the fleet knew and we did not, and returns
/// them.
///
/// A pause that outlasts a route's retry window is neither published nor taken. It concerns this
/// process alone, which tries whether it is over. In the fleet it would hide every later, sensible
/// pause.
base::Result<std::vector<PauseBegun>> share_pauses(std::span<const std::shared_ptr<Route>> routes,
                                                   PauseExchange& fleet, const base::Clock& clock);

}  // namespace bearer::relay
