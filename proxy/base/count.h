// A number that one thread writes and any thread reads.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace bearer::base {

/// Costs its writer as much as a plain integer: no lock, no instruction that locks the bus. A
/// reader gets a recent value.
class Count {
 public:
  void add(std::uint64_t more = 1) { set(value() + more); }
  void take(std::uint64_t less = 1) { set(value() - less); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }

  std::atomic<std::uint64_t> value_{0};
};

/// Adds itself to a count for as long as it lives. The count outlives it.
class Counted {
 public:
  Counted() = default;
  explicit Counted(Count& count) : count_(&count) { count.add(); }
  Counted(Counted&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
  Counted& operator=(Counted&& other) noexcept {
    Counted moved(std::move(other));
    std::swap(count_, moved.count_);
    return *this;
  }
  ~Counted() {
    if (count_) count_->take();
  }

 private:
  Count* count_ = nullptr;
};

}  // namespace bearer::base
