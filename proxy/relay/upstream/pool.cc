#include "relay/upstream/pool.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace bearer::relay {
namespace {

constexpr base::Duration kIdleMax = std::chrono::seconds(30);
// The time in which a request gets there before the server closes.
constexpr base::Duration kMargin = std::chrono::seconds(1);
constexpr std::size_t kConnectionsMax = 1024;

}  // namespace

UpstreamPool::UpstreamPool(net::Loop& loop, net::Dialer& dialer, base::Count& idle)
    : loop_(loop), dialer_(dialer), idle_count_(idle), sleeper_(loop), reaper_(reap()) {
  reaper_.start();
}

std::optional<UpstreamConnection> UpstreamPool::take(bool careful) {
  bool ask = careful;
  if (loop_.clock().now() - loop_.heard() > kHeardLately) ask |= !loop_.hear();
  while (!idle_.empty()) {
    const bool in_time = loop_.now() < idle_.back().until;
    UpstreamConnection connection = std::move(idle_.back().connection);
    idle_.pop_back();
    const bool fit =
        in_time && connection.stream->quiet(ask) && dialer_.leads_to(connection.address);
    connection.taken = loop_.now();
    if (fit) return connection;
  }
  return std::nullopt;
}

void UpstreamPool::park(UpstreamConnection connection, base::Duration server_keeps) {
  const base::Duration keep = std::min(kIdleMax, server_keeps - kMargin);
  const bool fit = keep > base::Duration{} && connection.stream->quiet(false);
  if (!fit || idle_.size() == kConnectionsMax) return;
  connection.reused = true;
  connection.stream->set_waiter(&sleeper_);  // notices at once if the server ends it
  const base::Instant until = loop_.now() + keep;
  if (until < next_look_) sleeper_.wake();  // to sleep for less time
  idle_.push_back({std::move(connection), loop_.now(), until, base::Counted(idle_count_)});
}

void UpstreamPool::evict_idle_peers(const UpstreamConnection& lost) {
  if (!lost.reused) return;
  std::erase_if(idle_, [&](const Parked& parked) { return parked.since <= lost.taken; });
}

net::Task<void> UpstreamPool::reap() {
  for (;;) {
    const base::Instant now = loop_.now();
    std::erase_if(idle_, [&](const Parked& parked) {
      return parked.until <= now || !parked.connection.stream->quiet(false);
    });
    next_look_ = base::kNever;
    for (const Parked& parked : idle_) next_look_ = std::min(next_look_, parked.until);
    co_await sleeper_.sleep(next_look_);
  }
}

}  // namespace bearer::relay
