// POST /api/v2/orders: what must not be done twice. It counts how often each order was carried out.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/sandbox/message.h"

namespace bearer::sandbox {

/// Any method from any thread.
class Orders {
 public:
  /// Carries out the order in the body, a JSON object with an `id`: 201. An order that was carried
  /// out before is carried out again, as an API without keys does. 400 without an id.
  Answer carry_out(const Request& request);

  /// GET /api/v2/orders/ID: how often it was carried out; 404 if it never was.
  Answer look_up(const Request& request) const;

  /// A JSON object: `carried_out` counts the orders, `twice` those that were more than once.
  nlohmann::ordered_json to_json() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> times_;  // by id
};

}  // namespace bearer::sandbox
