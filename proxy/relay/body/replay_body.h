// Keeps the data of a request's body, as far as it has come, so that it can be sent again: the
// beginning in memory, the rest in a spill file. If the disk takes no more, what follows is in
// memory as well.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "net/buffer.h"
#include "relay/body/replay_budget.h"
#include "relay/body/spill_file.h"

namespace bearer::relay {

class ReplayBody {
 public:
  struct Limits {
    std::uint64_t bytes_max;         ///< a larger body is not kept
    std::uint64_t memory_bytes_max;  ///< the part that may be in memory
    ReplayBudget* budget = nullptr;  ///< of all kept bodies; outlives this one. Null: no limit
  };
  explicit ReplayBody(const Limits& limits) : limits_(limits), share_(limits.budget) {}

  /// Keeps `data`. Data for which the budget has no room in memory goes into the file. Once the
  /// file fails, data goes into memory as far as the budget has room, however much that is. Once
  /// the body is too large or finds no room, nothing is kept any more, and what was kept is freed.
  /// An error of the file that cost the body is returned once.
  base::Result<void> append(std::string_view data);
  /// Frees what is kept, and keeps nothing from now on.
  void drop();

  /// True if all that was appended is still here.
  bool whole() const { return whole_; }
  std::uint64_t size() const { return size_; }
  /// True if the body is not whole because the budget was spent or the disk was too full.
  bool crowded_out() const { return crowded_out_; }

  /// A run of the kept data at `offset` < size(): a view into memory, or read into `scratch`.
  base::Result<std::string_view> read(std::uint64_t offset, std::span<char> scratch) const;

 private:
  /// Puts a beginning of `data` into memory; returns its length.
  std::size_t keep_in_memory(std::string_view data);
  /// False, with disk_error_, if no file takes `data`.
  bool spill(std::string_view data);
  base::Result<void> keep_in_tail(std::string_view data);

  Limits limits_;
  ReplayBudget::Share share_;
  net::Buffer memory_;
  SpillFile file_;
  std::uint64_t in_file_ = 0;
  std::optional<base::Error> disk_error_;
  net::Buffer tail_;  ///< what came after disk_error_
  std::uint64_t size_ = 0;
  bool whole_ = true;
  bool crowded_out_ = false;
};

}  // namespace bearer::relay
