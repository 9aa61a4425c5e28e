#include "relay/body/replay_budget.h"

#include <algorithm>

namespace bearer::relay {
namespace {

// An eighth of all memory. A buffer may be twice as large as its content, and the kernel holds
// about as much for the connections of so many clients, so bodies may take half of the memory in
// the worst case.
constexpr std::uint64_t kMemoryPart = 8;
constexpr std::uint64_t kFilesInMemoryPart = 4;
constexpr std::uint64_t kPiecePart = 1024;
constexpr std::size_t kPieceBytesMin = 64u << 10;
constexpr std::size_t kPieceBytesScarce = 8u << 10;

bool take(std::atomic<std::uint64_t>& taken, std::uint64_t bytes, std::uint64_t most) {
  std::uint64_t before = taken.load();
  do {
    if (bytes > most || before > most - bytes) return false;
  } while (!taken.compare_exchange_weak(before, before + bytes));
  return true;
}

}  // namespace

ReplayBudget::Limits ReplayBudget::limits(std::uint64_t total, std::uint64_t memory,
                                          bool files_in_memory) {
  return {files_in_memory ? std::min(total, memory / kFilesInMemoryPart) : total,
          memory / kMemoryPart, std::max<std::size_t>(kPieceBytesMin, memory / kPiecePart)};
}

std::size_t ReplayBudget::piece_bytes() const {
  const bool scarce = memory_bytes_ > limits_.memory_bytes_max / 2;
  return scarce ? kPieceBytesScarce : limits_.piece_bytes_max;
}

bool ReplayBudget::Share::take_memory(std::uint64_t bytes) {
  if (budget_ && !take(budget_->memory_bytes_, bytes, budget_->limits_.memory_bytes_max)) {
    return false;
  }
  memory_bytes_ += bytes;
  return true;
}

bool ReplayBudget::Share::take_disk(std::uint64_t bytes, std::uint64_t free) {
  if (budget_ &&
      !take(budget_->disk_bytes_, bytes, std::min(free, budget_->limits_.disk_bytes_max))) {
    return false;
  }
  disk_bytes_ += bytes;
  return true;
}

bool ReplayBudget::Share::may_take_disk(std::uint64_t bytes) const {
  if (!budget_) return true;
  const std::uint64_t most = budget_->limits_.disk_bytes_max, taken = budget_->disk_bytes_;
  return bytes <= most && taken <= most - bytes;
}

void ReplayBudget::Share::give_back() {
  if (budget_) {
    budget_->memory_bytes_ -= memory_bytes_;
    budget_->disk_bytes_ -= disk_bytes_;
  }
  memory_bytes_ = disk_bytes_ = 0;
}

}  // namespace bearer::relay
