#include "http/prefer.h"

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "http/quoted_string.h"

namespace bearer::http {
namespace {

constexpr std::chrono::seconds kWaitMax = std::chrono::years(10);

std::optional<base::Duration> wait_of(std::string_view preference) {
  const auto [name, value] = split_parameter(take_element(preference, ';'));
  if (!base::iequals(name, "wait")) return std::nullopt;
  const std::string_view digits = inside_quotes(value);
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), base::is_digit)) {
    return std::nullopt;
  }
  const auto longest = static_cast<std::uint64_t>(kWaitMax.count());
  const std::uint64_t seconds = std::min(base::parse_decimal(digits).value_or(longest), longest);
  return std::chrono::seconds(seconds);
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

}  // namespace bearer::http
