// The claim of a field, or a family of fields, about one quota, as it was read and before it is
// checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/hint_fields.h"
#include "http/time_ahead.h"

namespace bearer::http {

struct QuotaClaim {
  QuotaFamily family = QuotaFamily::none;
  std::string_view name;        ///< as it came, perhaps quoted; empty if it has none
  bool counts_requests = true;  ///< not bytes or tokens
  std::optional<std::uint64_t> limit, remaining, used;
  std::optional<TimeAhead> reset;
  std::optional<TimeAhead> window;  ///< how long the whole window takes

  /// A key that distinguishes quotas by family, name and limit.
  std::uint64_t identity() const;
};

/// The number that a count begins with: `100`, `598.0`, `100, 100;w=60`. nullopt if there is none.
std::optional<std::uint64_t> parse_count(std::string_view value);

}  // namespace bearer::http
