#include "http/patience.h"

#include "base/text.h"
#include "http/quoted_string.h"
#include "http/time_ahead.h"

namespace bearer::http {
namespace {

std::optional<base::Duration> wait_of(std::string_view preference) {
  const auto [name, value] = split_parameter(take_element(preference, ';'));
  if (!base::iequals(name, "wait")) return std::nullopt;
  return parse_seconds(value);
}

std::optional<base::Duration> timeout_of(std::string_view parameter) {
  const auto [name, value] = split_parameter(parameter);
  if (!base::iequals(name, "timeout")) return std::nullopt;
  return parse_seconds(value);
}

}  // namespace

std::optional<base::Duration> prefer_wait(const FieldList& fields) {
  if (!fields.has(FieldName::prefer)) return std::nullopt;
  for (const Field& field : fields) {
    if (field.id != FieldName::prefer) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      if (const auto wait = wait_of(take_element(rest, ','))) return wait;
    }
  }
  return std::nullopt;
}

std::optional<base::Duration> keep_alive_timeout(const FieldList& fields) {
  if (!fields.has(FieldName::keep_alive)) return std::nullopt;
  std::optional<base::Duration> shortest;
  for (const Field& field : fields) {
    if (field.id != FieldName::keep_alive) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const auto timeout = timeout_of(take_element(rest, ','));
      if (timeout && (!shortest || *timeout < *shortest)) shortest = timeout;
    }
  }
  return shortest;
}

}  // namespace bearer::http
