// Ends a wait in poll() from another thread.
#pragma once

#include "base/clock.h"
#include "base/descriptor.h"

namespace bearer::token {

class Cancellation {
 public:
  Cancellation();

  /// Any thread. For good: every later wait ends at once.
  void cancel();
  /// Readable once it is cancelled.
  int descriptor() const { return event_.get(); }
  /// Waits for so long. False, at once, where it is cancelled.
  bool wait(base::Duration duration) const;

 private:
  const base::Descriptor event_;  ///< an eventfd that nobody reads
};

}  // namespace bearer::token
