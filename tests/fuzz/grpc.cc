// The details, the pushback and the timeout of a gRPC call: any bytes, and times that are bounded.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "http/grpc/call.h"
#include "tests/fuzz/target.h"

namespace bearer::fuzz {
namespace {

constexpr base::Duration kLongest = std::chrono::years(10);

void check_bounded(const std::optional<base::Duration>& time) {
  if (time) check(*time >= base::Duration{} && *time <= kLongest, "a time is bounded");
}

/// A call that has failed, with that field.
std::optional<http::GrpcFailure> failure_with(std::string_view name, std::string_view value) {
  http::ResponseHead head;
  head.status = 200;
  head.fields.push({"Content-Type", "application/grpc", http::FieldName::content_type});
  head.fields.push({"grpc-status", "8", http::FieldName::other});
  head.fields.push({name, value, http::FieldName::other});
  return http::grpc_failure(head);
}

void run(std::string_view bytes) {
  const std::string details = base::base64_encode(bytes);
  check(base::base64_decode(details) == bytes, "what is encoded is decoded");
  const auto detailed = failure_with("grpc-status-details-bin", details);
  check(detailed && !detailed->retry_forbidden, "no details forbid a retry");
  check_bounded(detailed->delay);
  failure_with("grpc-status-details-bin", bytes);

  const auto pushed = failure_with("grpc-retry-pushback-ms", bytes);
  check(pushed && pushed->retry_forbidden != pushed->delay.has_value(),
        "a pushback is for a while or for good");
  check_bounded(pushed->delay);

  http::FieldList timeout;
  timeout.push({"grpc-timeout", bytes, http::FieldName::other});
  check_bounded(http::grpc_timeout(timeout));
}

const Registration registration("grpc", run);

}  // namespace
}  // namespace bearer::fuzz
