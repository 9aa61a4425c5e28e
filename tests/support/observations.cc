#include "tests/support/observations.h"

#include <chrono>
#include <stdexcept>

#include "tests/support/patience.h"

namespace bearer::test {

template <typename T>
T Observations::await(const std::vector<T>& list, std::size_t n) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [&] { return list.size() >= n; })) {
    throw std::runtime_error("what the test waits for was never reported");
  }
  return list[n - 1];
}

Observations::Attempt Observations::attempt(std::size_t n) {
  return await(attempts_, n);
}

Observations::Exchange Observations::exchange(std::size_t n) {
  return await(exchanges_, n);
}

std::size_t Observations::attempts() const {
  const std::lock_guard lock(mutex_);
  return attempts_.size();
}

void Observations::attempt_ended(const relay::AttemptEnd& end) {
  const std::lock_guard lock(mutex_);
  attempts_.push_back({end.outcome, end.decision});
  changed_.notify_all();
}

void Observations::exchange_ended(const relay::ExchangeEnd& end) {
  const std::lock_guard lock(mutex_);
  exchanges_.push_back({end.status, end.attempts, end.whole, end.waited.total(), end.request_bytes,
                        end.response_bytes});
  changed_.notify_all();
}

}  // namespace bearer::test
