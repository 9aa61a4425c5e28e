// GET /api/v2/users: pages that are numbered, and linked in the body and in a Link field (RFC
// 8288).
#pragma once

#include <cstdint>

#include "tests/sandbox/message.h"

namespace bearer::sandbox {

struct UserOptions {
  std::uint64_t seed = 1;
  std::uint64_t total = 2450;
  bool absolute_links = true;  ///< else they begin with the path
};

/// `pageSize` (1 to 500, 25 if left out) and `pageNumber` (from 1). 400 for other values.
Answer list_users(const UserOptions& options, const Request& request);

}  // namespace bearer::sandbox
