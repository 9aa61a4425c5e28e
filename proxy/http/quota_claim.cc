#include "http/quota_claim.h"

#include "base/text.h"

namespace bearer::http {
namespace {

// FNV-1a.
constexpr std::uint64_t kOffset = 14'695'981'039'346'656'037u;
constexpr std::uint64_t kPrime = 1'099'511'628'211u;

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  for (int i = 0; i < 8; ++i, value >>= 8) hash = (hash ^ (value & 0xff)) * kPrime;
  return hash;
}

}  // namespace

std::uint64_t QuotaClaim::identity() const {
  std::uint64_t hash = mixed(kOffset, static_cast<std::uint64_t>(family));
  hash = mixed(hash, limit.value_or(0));
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(base::lower(c))) * kPrime;
  return hash;
}

std::optional<std::uint64_t> parse_count(std::string_view value) {
  std::string_view number = base::trim(value.substr(0, value.find_first_of(",;")));
  const std::string_view whole = base::take_until(number, '.');
  if (number.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return base::parse_decimal(whole);
}

}  // namespace bearer::http
