// GET /api/v2/files/N and /bytes/N: N bytes of the pattern, with a strong ETag, byte ranges (RFC
// 9110 section 14), If-Range (section 13.1.5), and connections that end in the middle of a body.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "tests/sandbox/message.h"

namespace bearer::sandbox {

struct CutOptions {
  std::uint64_t times = 0;  ///< that the download of each target is cut
  std::uint64_t seed = 1;
};

/// Reads `times=5,seed=7`, each part optional. Throws std::invalid_argument.
CutOptions parse_cuts(std::string_view text);

/// Any method from any thread.
class Files {
 public:
  explicit Files(const CutOptions& options) : options_(options) {}

  /// The whole file, or the one range that the request names; several are answered with the whole.
  /// Up to kDigestMax bytes come with a Repr-Digest (RFC 9530).
  Answer answer(const Request& request);

  /// A JSON object: `cut`, `ranges` (206s), and `bytes` that were sent up to the cuts.
  nlohmann::ordered_json to_json() const;

 private:
  std::optional<Cut> draw_cut(const Request& request, std::uint64_t size, const Answer& answer);
  /// Returns the n-th cut of a file: it lies in the n-th of as many equal parts as there are cuts.
  Cut cut_at(std::string_view target, std::uint64_t size, std::uint64_t n) const;

  const CutOptions options_;
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> cuts_made_;  // by target
  std::uint64_t cut_ = 0, ranges_ = 0, bytes_ = 0;
};

/// More would hold up the answer's first byte for too long.
inline constexpr std::uint64_t kDigestMax = std::uint64_t{64} << 20;

}  // namespace bearer::sandbox
