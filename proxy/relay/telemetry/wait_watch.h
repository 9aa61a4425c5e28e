// Reports requests that are held for long: at once if the wait's end is known, else once the wait
// has become long.
#pragma once

#include <chrono>
#include <memory>

#include "base/clock.h"
#include "net/loop.h"
#include "net/task.h"
#include "relay/request.h"
#include "relay/telemetry/observer.h"
#include "relay/telemetry/wait_times.h"

namespace bearer::relay {

/// The waits of one loop. Used on its thread. One timer for the first of them replaces a timer for
/// each.
class WaitWatch {
 public:
  /// Waits longer than this may look like a fault to the client.
  static constexpr base::Duration kLong = std::chrono::seconds(5);

  /// `observer` outlives it.
  WaitWatch(net::Loop& loop, Observer& observer);

  /// A wait that has not been reported yet. It lasts as long as this object.
  class Place {
   public:
    Place(WaitWatch& watch, const Request& request, const WaitUnderWay& wait);
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place();

   private:
    friend class WaitWatch;
    void leave();

    WaitWatch& watch_;
    const Request& request_;
    const WaitUnderWay& wait_;
    Place *before_ = nullptr, *after_ = nullptr;
    bool listed_ = true;
  };

  /// A wait begins now. It is reported at once if it will be long; otherwise once it has become
  /// long, unless the returned object has ended by then. Null if nothing is left to report. The
  /// arguments outlive that object.
  std::unique_ptr<Place> begin(const Request& request, const WaitUnderWay& wait);

 private:
  void tell(const Request& request, const WaitUnderWay& wait, base::Instant now);
  net::Task<void> look();

  net::Loop& loop_;
  Observer& observer_;
  Place *first_ = nullptr, *last_ = nullptr;  // by their beginning; reported ones are gone
  base::Instant next_look_ = base::kNever;
  net::Sleeper sleeper_;
  net::Task<void> looker_;
};

}  // namespace bearer::relay
