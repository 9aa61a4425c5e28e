#include "http/path_pattern.h"

#include <algorithm>

#include "http/target.h"

namespace bearer::http {
namespace {

constexpr std::string_view kAnySegments = "**";

/// Takes the first segment off `path`, which begins with `/`.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

/// Both matchers below use one algorithm: on a mismatch the last star takes one more, and an
/// earlier star need never be tried again.
bool segment_matches(std::string_view segment, std::string_view pattern) {
  std::size_t at = 0, in_pattern = 0;
  std::size_t star = std::string_view::npos, star_took = 0;
  while (at < segment.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = in_pattern++;
      star_took = at;
    } else if (in_pattern < pattern.size() && pattern[in_pattern] == segment[at]) {
      ++in_pattern;
      ++at;
    } else if (star != std::string_view::npos) {
      in_pattern = star + 1;
      at = ++star_took;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

bool path_matches(std::string_view path, std::string_view pattern) {
  std::string_view star;  // the pattern after the last `**`, if `any`
  std::string_view star_rest;
  bool any = false;
  for (;;) {
    std::string_view rest = pattern;
    const std::string_view wanted = rest.empty() ? std::string_view() : take_segment(rest);
    if (!pattern.empty() && wanted == kAnySegments) {
      any = true;
      star = pattern = rest;
      star_rest = path;
      continue;
    }
    if (path.empty() && pattern.empty()) return true;
    if (!path.empty() && !pattern.empty()) {
      std::string_view path_rest = path;
      if (segment_matches(take_segment(path_rest), wanted)) {
        path = path_rest;
        pattern = rest;
        continue;
      }
    }
    if (!any || star_rest.empty()) return false;
    take_segment(star_rest);
    path = star_rest;
    pattern = star;
  }
}

}  // namespace

std::optional<PathPattern> PathPattern::parse(std::string_view text) {
  const bool printable = std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
  if (!text.starts_with('/') || !printable) return std::nullopt;
  if (text.find_first_of("?#") != std::string_view::npos) return std::nullopt;
  return PathPattern(text);
}

bool PathPattern::matches(std::string_view path_and_query) const {
  const std::string_view path = path_of(path_and_query);
  return path.starts_with('/') && path_matches(path, text_);
}

}  // namespace bearer::http
