#include "relay/upstream_pool.h"

#include <utility>

namespace bearer::relay {
namespace {

constexpr std::chrono::seconds kIdleMax{30};
constexpr std::size_t kConnectionsMax = 1024;

}  // namespace

UpstreamPool::UpstreamPool(net::Loop& loop, net::Dialer& dialer, base::Count& idle)
    : loop_(loop), dialer_(dialer), idle_count_(idle), sleeper_(loop), reaper_(reap()) {
  reaper_.start();
}

std::optional<UpstreamConnection> UpstreamPool::take(bool careful) {
  while (!idle_.empty()) {
    UpstreamConnection connection = std::move(idle_.back().connection);
    idle_.pop_back();
    const bool fit = connection.stream->quiet(careful) && dialer_.leads_to(connection.address);
    connection.taken = loop_.now();
    if (fit) return connection;
  }
  return std::nullopt;
}

void UpstreamPool::park(UpstreamConnection connection) {
  if (idle_.size() == kConnectionsMax) return;
  connection.reused = true;
  connection.stream->wakes(&sleeper_);  // the server may end it: then it goes at once
  if (idle_.empty()) sleeper_.wake();   // to sleep with a deadline
  idle_.push_back({std::move(connection), loop_.now(), base::Counted(idle_count_)});
}

void UpstreamPool::distrust(const UpstreamConnection& lost) {
  if (!lost.reused) return;
  std::erase_if(idle_, [&](const Parked& parked) { return parked.since <= lost.taken; });
}

net::Task<void> UpstreamPool::reap() {
  for (;;) {
    const base::Instant now = loop_.now();
    std::erase_if(idle_, [&](const Parked& parked) {
      return now - parked.since >= kIdleMax || !parked.connection.stream->quiet(false);
    });
    const base::Instant next = idle_.empty() ? base::kNever : idle_.front().since + kIdleMax;
    co_await sleeper_.sleep(next);
  }
}

}  // namespace bearer::relay
