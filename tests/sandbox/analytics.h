// POST /api/v2/analytics/conversations/details/query: pages that follow an opaque cursor.
#pragma once

#include <cstdint>

#include "tests/sandbox/message.h"

namespace bearer::sandbox {

struct AnalyticsOptions {
  std::uint64_t seed = 1;
  std::uint64_t total = 1200;
};

/// The body is `{"interval":"FROM/TO","paging":{"pageSize":50,"cursor":"..."}}`: no cursor asks for
/// the first page, and the answer's `cursor` for the next one; the last page has none. 400 for a
/// body without an interval, a page size outside 1 to 100, or a cursor that was not given out.
Answer query_conversations(const AnalyticsOptions& options, const Request& request);

}  // namespace bearer::sandbox
