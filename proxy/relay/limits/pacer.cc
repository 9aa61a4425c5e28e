#include "relay/limits/pacer.h"

#include <algorithm>
#include <cassert>

#include "http/quota.h"

namespace bearer::relay {

/// A request must wait, or go away.
struct Pacer::Closed {
  std::shared_ptr<Lane> lane;  ///< the lane whose queue it joins; null: it may go
  base::Instant turn{};        ///< when to look again; kNever if it is not the first
  bool never = false;          ///< no turn comes within the window
};

Pacer::Pacer(const PacingOptions& options, base::Duration patience)
    : on_(options.on),
      awake_(options.on && options.ceiling.requests > 0),
      ceiling_(std::make_shared<CeilingLane>(mutex_, options.ceiling)),
      book_(mutex_, patience) {}

Pacer::Closed Pacer::closed(RequestKind kind, const net::Wait& wait, const Lane* lane,
                            const std::optional<CrossLoopFifo::Place>& place) {
  const base::Instant now = wait.sleeper.loop().now();
  const auto look = [&](const std::shared_ptr<Lane>& at) -> Closed {
    const bool inside = at.get() == lane;
    const bool first = inside ? place->first() : at->queue.empty();
    const base::Instant next = at->next(now);
    if (first && next <= now) return {};
    const base::Instant turn = inside ? next : at->estimate(now);
    const bool late = inside ? now >= wait.deadline : turn > wait.deadline;
    return {at, first ? next : base::kNever, late};
  };
  for (const auto& quota : book_.of(kind)) {
    // A request whose turn is too late goes out of turn, and may meet the 429 instead of waiting.
    if (Closed found = look(quota); found.lane && !found.never) return found;
  }
  return look(ceiling_);
}

net::Task<Pacer::Turn> Pacer::pass(net::Wait wait, RequestKind kind, UnderWay& under_way) {
  const net::Loop& loop = wait.sleeper.loop();
  std::shared_ptr<Lane> lane;
  std::optional<CrossLoopFifo::Place> place;
  for (;;) {
    Closed found;
    {
      const std::lock_guard lock(mutex_);
      found = closed(kind, wait, lane.get(), place);
      if (!found.lane) sent(kind, loop.now(), under_way);
      if (found.never) co_return Turn::never;
    }
    if (!found.lane) co_return Turn::now;
    if (found.lane != lane) {
      place.reset();  // without the mutex
      lane = found.lane;
      const std::lock_guard lock(mutex_);
      place.emplace(lane->queue, wait.sleeper);
      continue;
    }
    const net::Wait until{wait.sleeper, std::min(found.turn, wait.deadline), wait.cancel_on,
                          wait.over};
    if (co_await until.next() == net::Wake::peer_closed) co_return Turn::left;
  }
}

void Pacer::sent(RequestKind kind, base::Instant now, UnderWay& under_way) {
  assert(!under_way.sent_);  // its end would wait for the mutex
  ceiling_->pace.sent(now);
  LaneStamps stamps;
  auto* stamp = stamps.data();
  for (const auto& lane : book_.of(kind)) *stamp++ = {lane, lane->pace.sent(now)};
  under_way = UnderWay(*this, std::move(stamps));
}

void Pacer::completed(const LaneStamps& stamps) {
  const std::lock_guard lock(mutex_);
  for (const LaneStamp& gone : stamps) {
    if (gone.lane) gone.lane->pace.completed(gone.stamp);
  }
}

void Pacer::learn(const UnderWay& under_way, RequestKind kind, const http::FieldList& fields,
                  std::optional<base::Duration> asked, const net::Loop& loop) {
  const http::QuotaClaims claims(fields, loop.clock().wall());
  const auto strictest = http::strictest_quota(claims, QuotaBook::kHorizon);
  if (!strictest && !awake()) return;
  const std::lock_guard lock(mutex_);
  const LaneStamps none;
  const LaneStamps& stamps = under_way.sent_ ? under_way.sent_->stamps : none;
  if (book_.learn(kind, stamps, claims, asked, loop.now())) {
    told_ = Told{strictest->limit, strictest->remaining, loop.now() + strictest->reset};
    awake_.store(true, std::memory_order_relaxed);
  }
}

base::Instant Pacer::estimate(RequestKind kind, base::Instant now, base::Instant deadline) {
  const std::lock_guard lock(mutex_);
  base::Instant turn = ceiling_->estimate(now);
  for (const auto& quota : book_.of(kind)) {
    const base::Instant its = quota->estimate(now);
    if (its <= deadline) turn = std::max(turn, its);
  }
  return turn;
}

base::Instant Pacer::next_turn(base::Instant now) const {
  const std::lock_guard lock(mutex_);
  return ceiling_->estimate(now);
}

std::optional<Pacer::Told> Pacer::told() const {
  const std::lock_guard lock(mutex_);
  return told_;
}

}  // namespace bearer::relay
