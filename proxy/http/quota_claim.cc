#include "http/quota_claim.h"

#include "base/digest.h"
#include "base/text.h"

namespace bearer::http {
namespace {

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  for (int i = 0; i < 8; ++i, value >>= 8) hash = base::fnv1a(hash, value & 0xff);
  return hash;
}

}  // namespace

std::uint64_t QuotaClaim::identity() const {
  std::uint64_t hash = mixed(base::kFnvOffset, static_cast<std::uint64_t>(family));
  hash = mixed(hash, limit.value_or(0));
  for (const char c : name) hash = base::fnv1a(hash, static_cast<unsigned char>(base::lower(c)));
  return hash;
}

std::optional<std::uint64_t> parse_count(std::string_view value) {
  std::string_view number = base::trim(value.substr(0, value.find_first_of(",;")));
  const std::string_view whole = base::take_until(number, '.');
  if (number.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return base::parse_decimal(whole);
}

}  // namespace bearer::http
