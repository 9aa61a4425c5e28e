#include "relay/limits/request_kind.h"

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"
#include "http/target.h"

namespace bearer::relay {
namespace {

constexpr std::size_t kWordMax = 40;

void mix(std::uint64_t& hash, std::string_view text) {
  for (const char c : text) hash = base::fnv1a(hash, static_cast<unsigned char>(c));
}

/// `v2`, `v1.1`
bool is_version(std::string_view segment) {
  if (segment.size() < 2 || base::lower(segment.front()) != 'v') return false;
  segment.remove_prefix(1);
  return std::ranges::all_of(segment, [](char c) { return base::is_digit(c) || c == '.'; });
}

bool is_identifier(std::string_view segment) {
  if (segment.size() > kWordMax) return true;
  return std::ranges::any_of(segment, base::is_digit) && !is_version(segment);
}

}  // namespace

RequestKind request_kind(std::string_view method, std::string_view target) {
  std::uint64_t hash = base::kFnvOffset;
  mix(hash, method);
  std::string_view path = http::path_of(target);
  while (!path.empty()) {
    const std::string_view segment = base::take_until(path, '/');
    mix(hash, "/");
    mix(hash, is_identifier(segment) ? "*" : segment);
  }
  return hash == 0 ? 1 : hash;
}

}  // namespace bearer::relay
