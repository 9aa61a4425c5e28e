#include "http/grpc/call.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "http/grpc/proto_fields.h"
#include "http/time_ahead.h"

namespace bearer::http {
namespace {

using base::Duration;
using std::chrono::milliseconds;

const Field* find(const FieldList& fields, std::string_view name) {
  const Field* found = std::ranges::find_if(
      fields, [&](const Field& field) { return base::iequals(field.name, name); });
  return found == fields.end() ? nullptr : found;
}

template <typename Number>
std::optional<Number> number(std::string_view digits) {
  Number value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, value);
  if (digits.empty() || stopped != end || error != std::errc()) return std::nullopt;
  return value;
}

/// The bytes of the first field with that number that has a length.
std::string_view bytes_of(std::string_view message, std::uint64_t field) {
  ProtoFields fields(message);
  while (const auto one = fields.next()) {
    if (one->number == field && !one->bytes.empty()) return one->bytes;
  }
  return {};
}

/// google.protobuf.Duration: seconds = 1, nanos = 2.
Duration duration_of(std::string_view message) {
  std::int64_t seconds = 0, nanos = 0;
  ProtoFields fields(message);
  while (const auto one = fields.next()) {
    if (one->number == 1) seconds = static_cast<std::int64_t>(one->value);
    if (one->number == 2) nanos = static_cast<std::int64_t>(one->value);
  }
  constexpr std::int64_t kSecondsMax = 1'000'000'000;  // thirty years
  constexpr std::int64_t kNanosMax = 999'999'999;
  const milliseconds whole =
      std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kSecondsMax));
  const std::chrono::nanoseconds rest(std::clamp<std::int64_t>(nanos, 0, kNanosMax));
  return bounded_delay(whole + std::chrono::ceil<milliseconds>(rest));
}

/// The google.rpc.RetryInfo (retry_delay = 1) in an Any (type_url = 1, value = 2) in the details (=
/// 3) of a google.rpc.Status.
std::optional<Duration> retry_info(const FieldList& fields) {
  constexpr std::string_view kType = "/google.rpc.RetryInfo";
  const Field* details = find(fields, "grpc-status-details-bin");
  if (!details) return std::nullopt;
  const auto status = base::base64_decode(details->value);
  if (!status) return std::nullopt;
  ProtoFields all(*status);
  while (const auto detail = all.next()) {
    if (detail->number != 3 || !bytes_of(detail->bytes, 1).ends_with(kType)) continue;
    const std::string_view delay = bytes_of(bytes_of(detail->bytes, 2), 1);
    if (!delay.empty()) return duration_of(delay);
  }
  return std::nullopt;
}

void read_pushback(const FieldList& fields, GrpcFailure& failure) {
  const Field* pushback = find(fields, "grpc-retry-pushback-ms");
  if (!pushback) {
    failure.delay = retry_info(fields);
    return;
  }
  const auto wait = number<std::int32_t>(pushback->value);
  failure.retry_forbidden = !wait || *wait < 0;
  if (!failure.retry_forbidden) failure.delay = bounded_delay(milliseconds(*wait));
}

}  // namespace

bool is_grpc(const FieldList& fields) {
  constexpr std::string_view kType = "application/grpc";
  if (!fields.has(FieldName::content_type)) return false;
  const std::string_view type = fields.value(FieldName::content_type);
  if (!base::istarts_with(type, kType)) return false;
  const std::string_view rest = type.substr(kType.size());
  return rest.empty() || rest.find_first_of("+; ") == 0;
}

std::optional<GrpcFailure> grpc_failure(const ResponseHead& head) {
  constexpr int kStatusMax = 16;
  const FieldList& fields = head.fields;
  const bool begun =
      fields.has(FieldName::transfer_encoding) ||
      (fields.has(FieldName::content_length) && fields.value(FieldName::content_length) != "0");
  if (head.status != 200 || begun || !is_grpc(fields)) return std::nullopt;
  const Field* said = find(fields, "grpc-status");
  const auto status = said ? number<int>(said->value) : std::nullopt;
  if (!status || *status < 1 || *status > kStatusMax) return std::nullopt;
  GrpcFailure failure{.status = *status};
  read_pushback(fields, failure);
  return failure;
}

std::optional<base::Duration> grpc_timeout(const FieldList& fields) {
  constexpr std::size_t kDigitsMax = 8;
  const Field* field = find(fields, "grpc-timeout");
  if (!field || field->value.size() < 2 || field->value.size() > kDigitsMax + 1)
    return std::nullopt;
  const std::string_view digits = field->value.substr(0, field->value.size() - 1);
  const auto count = number<std::uint32_t>(digits);
  if (!count) return std::nullopt;
  switch (field->value.back()) {
    case 'H': return bounded_delay(std::chrono::hours(*count));
    case 'M': return bounded_delay(std::chrono::minutes(*count));
    case 'S': return bounded_delay(std::chrono::seconds(*count));
    case 'm': return milliseconds(*count);
    case 'u': return std::chrono::microseconds(*count);
    case 'n': return std::chrono::nanoseconds(*count);
    default: return std::nullopt;
  }
}

int grpc_status_of(int status) {
  const auto of = [](GrpcStatus one) { return static_cast<int>(one); };
  switch (status) {
    case 403: return of(GrpcStatus::permission_denied);
    case 404:
    case 405:
    case 421: return of(GrpcStatus::unimplemented);
    case 408:
    case 504: return of(GrpcStatus::deadline_exceeded);
    case 429: return of(GrpcStatus::resource_exhausted);
    case 502:
    case 503: return of(GrpcStatus::unavailable);
    default: return of(GrpcStatus::internal);
  }
}

std::string grpc_message(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= ' ' && c <= '~' && c != '%') {
      out += c;
    } else {
      out += '%';
      out += base::hex_encode({&c, 1});
    }
  }
  return out;
}

}  // namespace bearer::http
