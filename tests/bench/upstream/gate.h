// A quota that is used up: closed from the first request on, open again some seconds later.
// It keeps who was told to come back when, and counts who came too soon.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "bench/peers/poller.h"

namespace bearer::bench {

class Gate {
 public:
  explicit Gate(std::chrono::seconds closed_for) : closed_for_(closed_for) {}

  bool open(Instant at) const { return opens_ && at >= *opens_; }

  /// A request of client `id` that came at `arrived` and is answered at `now`: nullopt if it
  /// passes, else the Retry-After that it is refused with.
  std::optional<std::chrono::seconds> judge(std::uint64_t id, Instant arrived, Instant now);

  std::size_t refused() const { return refused_; }
  std::size_t passed() const { return passed_; }
  /// Requests that came before the time that their own client was told.
  std::size_t early() const { return early_; }

 private:
  std::chrono::seconds closed_for_;
  std::optional<Instant> opens_;
  std::unordered_map<std::uint64_t, Instant> not_before_;
  std::size_t refused_ = 0, passed_ = 0, early_ = 0;
};

}  // namespace bearer::bench
