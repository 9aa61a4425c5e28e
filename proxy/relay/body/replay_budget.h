// Limits what the kept bodies of all requests take together, in memory and on disk.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace bearer::relay {

/// Shared by the loops. Thread-safe.
class ReplayBudget {
 public:
  struct Limits {
    std::uint64_t disk_bytes_max = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t memory_bytes_max = std::numeric_limits<std::uint64_t>::max();
    std::size_t piece_bytes_max = std::numeric_limits<std::size_t>::max();  ///< see piece_bytes()
  };
  /// `total` is the setting's limit on disk. If temporary files lie in memory, `memory` bounds them
  /// as well. `memory` is all that the process may have.
  static Limits limits(std::uint64_t total, std::uint64_t memory, bool files_in_memory);

  explicit ReplayBudget(const Limits& limits) : limits_(limits) {}

  /// The part of the budget that one body has. Its destructor gives it back.
  class Share {
   public:
    /// `budget` outlives it; null: there is no limit.
    explicit Share(ReplayBudget* budget) : budget_(budget) {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() { give_back(); }

    /// Takes all of `bytes` or nothing. False if there is no room.
    bool take_memory(std::uint64_t bytes);
    /// `free` is what the disk has left: kept bodies take no more than they leave to others.
    bool take_disk(std::uint64_t bytes, std::uint64_t free);
    /// True if a disk without end would have room.
    bool may_take_disk(std::uint64_t bytes) const;
    void give_back();

   private:
    ReplayBudget* const budget_;
    std::uint64_t memory_bytes_ = 0;
    std::uint64_t disk_bytes_ = 0;
  };

  /// The most of a body that may be read at once. A receiver that stops leaves that much in memory,
  /// kept or not, so it is little when bodies have nearly used up their part.
  std::size_t piece_bytes() const;

  std::uint64_t memory_bytes() const { return memory_bytes_; }
  std::uint64_t disk_bytes() const { return disk_bytes_; }

 private:
  const Limits limits_;
  std::atomic<std::uint64_t> memory_bytes_{0};
  std::atomic<std::uint64_t> disk_bytes_{0};
};

}  // namespace bearer::relay
