#include "relay/telemetry/wait_watch.h"

#include "base/internal_fault.h"

namespace bearer::relay {

WaitWatch::WaitWatch(net::Loop& loop, Observer& observer)
    : loop_(loop), observer_(observer), sleeper_(loop), looker_(look()) {
  looker_.start();
}

std::unique_ptr<WaitWatch::Place> WaitWatch::begin(const Request& request,
                                                   const WaitUnderWay& wait) {
  const bool short_one = base::after(wait.since, kLong) >= wait.until;
  if (short_one) return nullptr;
  if (!wait.end_known) return std::make_unique<Place>(*this, request, wait);
  tell(request, wait, wait.since);
  return nullptr;
}

WaitWatch::Place::Place(WaitWatch& watch, const Request& request, const WaitUnderWay& wait)
    : watch_(watch), request_(request), wait_(wait), before_(watch.last_) {
  (before_ ? before_->after_ : watch.first_) = this;
  watch.last_ = this;
  if (base::after(wait.since, kLong) < watch.next_look_) watch.sleeper_.wake();
}

WaitWatch::Place::~Place() {
  if (listed_) leave();
}

void WaitWatch::Place::leave() {
  (before_ ? before_->after_ : watch_.first_) = after_;
  (after_ ? after_->before_ : watch_.last_) = before_;
  listed_ = false;
}

void WaitWatch::tell(const Request& request, const WaitUnderWay& wait, base::Instant now) {
  base::notify("an observer could not be told of a request that is held",
               [&] { observer_.held(request, wait, now); });
}

net::Task<void> WaitWatch::look() {
  for (;;) {
    const base::Instant now = loop_.now();
    while (first_ && base::after(first_->wait_.since, kLong) <= now) {
      Place& place = *first_;
      place.leave();
      tell(place.request_, place.wait_, now);
    }
    next_look_ = first_ ? base::after(first_->wait_.since, kLong) : base::kNever;
    co_await sleeper_.sleep(next_look_);
  }
}

}  // namespace bearer::relay
