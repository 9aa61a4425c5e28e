// Bytes on disk that nobody else can reach and that vanish with the process: an unlinked temporary
// file in $TMPDIR, or /tmp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/descriptor.h"
#include "base/result.h"

namespace bearer::relay {

/// Append only; readable at any offset. Blocks like any file: its pages stay in the cache for as
/// long as a replay may need them.
class SpillFile {
 public:
  /// True if such files lie in memory (tmpfs) and not on disk.
  static bool in_memory();
  /// The space left where such files lie, for users other than root; the largest value if the
  /// system does not tell.
  static std::uint64_t free_bytes();

  bool open() const { return fd_.open(); }
  /// Errc::spill_failed with the system's reason. The file then ends in the middle of `bytes`.
  base::Result<void> append(std::string_view bytes);
  /// Fills a beginning of `into` from `offset`; returns its length, 0 past the end.
  base::Result<std::size_t> read(std::uint64_t offset, std::span<char> into) const;

 private:
  base::Descriptor fd_;
};

}  // namespace bearer::relay
