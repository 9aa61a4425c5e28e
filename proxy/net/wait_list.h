// Sleepers that wait for the same thing, in the order in which they came.
#pragma once

#include "net/loop.h"

namespace bearer::net {

/// Used on one thread. Outlives its places.
class WaitList {
 public:
  /// Holds a place in the list for as long as it lives. It is a local of a coroutine, so the
  /// coroutine leaves the list however it ends.
  class Place {
   public:
    Place(WaitList& list, Sleeper& sleeper) : list_(list), sleeper_(sleeper) {
      before_ = list.last_;
      (before_ ? before_->after_ : list.first_) = this;
      list.last_ = this;
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
      (before_ ? before_->after_ : list_.first_) = after_;
      (after_ ? after_->before_ : list_.last_) = before_;
    }

   private:
    friend class WaitList;
    WaitList& list_;
    Sleeper& sleeper_;
    Place* before_ = nullptr;
    Place* after_ = nullptr;
  };

  void wake_all() {
    for (Place* place = first_; place; place = place->after_) place->sleeper_.wake();
  }

 private:
  Place* first_ = nullptr;
  Place* last_ = nullptr;
};

}  // namespace bearer::net
