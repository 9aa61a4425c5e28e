// Shares pauses: what the upstream told one proxy of a fleet holds for the others, too.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "relay/route.h"

namespace bearer::relay {

/// The pauses that the proxies of a fleet know together. One thread calls it, except for cancel().
class PauseStore {
 public:
  struct Pause {
    std::string route;    ///< a name that the whole fleet uses
    base::Duration left;  ///< zero where there is none
  };
  /// A pause that is longer than another by less than this is the same one, come back.
  static constexpr base::Duration kSame = std::chrono::milliseconds(100);
  virtual ~PauseStore() = default;

  /// Publishes the pauses known here. Returns for each route the longer one of the fleet's pause
  /// and ours. Blocks for some seconds at most.
  virtual base::Result<std::vector<base::Duration>> merge(const std::vector<Pause>& here) = 0;
  /// Ends the current call soon, and makes every later one fail at once. Any thread.
  virtual void cancel() = 0;
};

struct PauseBegun {
  std::shared_ptr<Route> route;
  base::Duration left;
};

/// A pause is published once, and taken once. On its way it becomes a little longer, and would grow
/// from proxy to proxy without an end; and one that a trial found to be over would come back.
///
/// A pause that outlasts a route's retry window is neither published nor taken. It concerns this
/// process alone, which tries whether it is over. In the fleet it would hide every later, sensible
/// pause. Used by one thread.
class FleetPauses {
 public:
  /// Both must outlive it.
  FleetPauses(PauseStore& fleet, const base::Clock& clock) : fleet_(fleet), clock_(clock) {}

  /// Does one round for `routes`. Begins the pauses that the fleet knew and we did not, and returns
  /// them.
  base::Result<std::vector<PauseBegun>> share(std::span<const std::shared_ptr<Route>> routes);

 private:
  /// The last pause that was published or taken.
  struct Shared {
    base::Instant ends;    ///< as this process has it
    base::Duration slack;  ///< the fleet may have it end later by this
  };

  PauseStore& fleet_;
  const base::Clock& clock_;
  std::map<std::string, Shared> shared_;  ///< by the route's name
};

}  // namespace bearer::relay
