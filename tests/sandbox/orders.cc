#include "tests/sandbox/orders.h"

#include <algorithm>

namespace bearer::sandbox {

namespace {

using Json = nlohmann::ordered_json;

Json describe(const std::string& id, std::uint64_t times) {
  return {{"id", id}, {"state", "carried out"}, {"times", times}};
}

}  // namespace

Answer Orders::carry_out(const Request& request) {
  const Json order = Json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (!order.is_object() || !order.contains("id") || !order["id"].is_string()) {
    return {.status = 400,
            .body = R"({"code":"bad.request","message":"an order has an id","status":400})"};
  }
  const std::string id = order["id"];
  const std::lock_guard lock(mutex_);
  return {.status = 201, .body = describe(id, ++times_[id]).dump()};
}

Answer Orders::look_up(const Request& request) const {
  const std::string id = request.path.substr(request.path.rfind('/') + 1);
  const std::lock_guard lock(mutex_);
  const auto order = times_.find(id);
  if (order == times_.end()) {
    return {.status = 404,
            .body = R"({"code":"not.found","message":"no such order","status":404})"};
  }
  return {.body = describe(id, order->second).dump()};
}

nlohmann::ordered_json Orders::to_json() const {
  const std::lock_guard lock(mutex_);
  const auto twice = std::count_if(times_.begin(), times_.end(),
                                   [](const auto& order) { return order.second > 1; });
  return {{"carried_out", times_.size()}, {"twice", twice}};
}

}  // namespace bearer::sandbox
