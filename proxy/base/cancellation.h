// Ends a wait in poll() from another thread.
#pragma once

#include "base/clock.h"
#include "base/descriptor.h"

namespace bearer::token {

class Cancellation {
 public:
  Cancellation();

  /// Any thread. It is final: every later wait ends at once.
  void cancel();
  /// Becomes readable when it is cancelled.
  int descriptor() const { return event_.get(); }
  /// Waits for `duration`. Returns false at once when it is cancelled.
  bool wait(base::Duration duration) const;

 private:
  const base::Descriptor event_;  ///< an eventfd that nobody reads
};

}  // namespace bearer::token
