#include "http/path.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "http/target.h"

namespace bearer::http {
namespace {

/// Without the slash at its end, so that it is empty or ends with a segment.
std::string_view bare(std::string_view prefix) {
  if (prefix.ends_with('/')) prefix.remove_suffix(1);
  return prefix;
}

enum class Sign { other, dot, separator, parameters };

/// Cuts off the next character of a path as the most inventive server would read it.
Sign take_sign(std::string_view& text) {
  struct Encoded {
    std::string_view hex;
    Sign sign;
  };
  constexpr std::array<Encoded, 4> kEncoded{{
      {"2e", Sign::dot},
      {"2f", Sign::separator},
      {"5c", Sign::separator},
      {"3b", Sign::parameters},
  }};
  const char first = text.front();
  text.remove_prefix(1);
  if (first == '.') return Sign::dot;
  if (first == '\\') return Sign::separator;
  if (first == ';') return Sign::parameters;
  if (first != '%') return Sign::other;
  std::string_view hex = text;
  while (hex.starts_with("25")) hex.remove_prefix(2);  // %252e: an encoded %, as often as it may be
  for (const Encoded& encoded : kEncoded) {
    if (!base::istarts_with(hex, encoded.hex)) continue;
    text = hex.substr(2);
    return encoded.sign;
  }
  return Sign::other;
}

enum class Part { nothing, name, parent };

/// Cuts off what stands before the next separator, and says what it means: `..`, nothing (it is
/// empty or `.`), or a name.
Part take_part(std::string_view& text) {
  int dots = 0;
  bool named = false;
  bool in_parameters = false;
  while (!text.empty()) {
    const Sign sign = take_sign(text);
    if (sign == Sign::separator) break;
    if (sign == Sign::parameters) in_parameters = true;
    if (in_parameters) continue;
    if (sign == Sign::dot) ++dots;
    if (sign == Sign::other) named = true;
  }
  if (named || dots > 2) return Part::name;
  return dots == 2 ? Part::parent : Part::nothing;
}

/// How a segment moves the depth, in the reading that is the worst: it is one segment to one server
/// and several to another, so names in it count as one at most, and not at all beside a `..` that
/// might not be undone by them.
int lowest_step(std::string_view segment) {
  std::string_view after_first = segment;
  const bool starts_with_name = take_part(after_first) == Part::name;
  int depth = 0, lowest = 0;
  bool climbs = false;
  while (!segment.empty()) {
    switch (take_part(segment)) {
      case Part::nothing: break;
      case Part::name: depth = std::min(depth + 1, 1); break;
      case Part::parent:
        climbs = true;
        --depth;
        break;
    }
    lowest = std::min(lowest, depth);
  }
  if (climbs) return lowest;
  return starts_with_name ? 1 : 0;
}

/// `%41` to `A`, once; what is no encoding stays.
std::string decoded_once(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool encoded = text[i] == '%' && i + 2 < text.size();
    unsigned value = 0;
    const char* digits = text.data() + i + 1;
    if (encoded && std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// As far as any server decodes: `%2541` to `A`, and `\` to `/`.
std::string decoded(std::string_view path_and_query) {
  std::string path(path_of(path_and_query));
  for (std::string next = decoded_once(path); next != path; next = decoded_once(path)) {
    path = std::move(next);  // each round is shorter
  }
  std::ranges::replace(path, '\\', '/');
  return path;
}

/// Without their parameters; the empty ones and `.` are left out, `..` is not.
std::vector<std::string_view> segments_of(std::string_view decoded_path) {
  std::vector<std::string_view> segments;
  while (!decoded_path.empty()) {
    std::string_view segment = base::take_until(decoded_path, '/');
    segment = segment.substr(0, segment.find(';'));
    if (!segment.empty() && segment != ".") segments.push_back(segment);
  }
  return segments;
}

}  // namespace

bool path_has_prefix(std::string_view path_and_query, std::string_view prefix) {
  const std::string_view segments = bare(prefix);
  if (segments.empty()) return true;
  const std::string_view path = path_of(path_and_query);
  return path.starts_with(segments) &&
         (path.size() == segments.size() || path[segments.size()] == '/');
}

std::string_view after_prefix(std::string_view path_and_query, std::string_view prefix) {
  assert(path_has_prefix(path_and_query, prefix));
  return path_and_query.substr(bare(prefix).size());
}

bool path_leaves(std::string_view path_and_query, std::string_view prefix) {
  std::string_view rest = path_of(after_prefix(path_and_query, prefix));
  int depth = 0;
  while (!rest.empty()) {
    depth += lowest_step(base::take_until(rest, '/'));
    if (depth < 0) return true;
  }
  return false;
}

std::string plain_path(std::string_view path_and_query) {
  const std::string path = decoded(path_and_query);
  std::vector<std::string_view> resolved;
  for (const std::string_view segment : segments_of(path)) {
    if (segment != "..") resolved.push_back(segment);
    if (segment == ".." && !resolved.empty()) resolved.pop_back();
  }
  std::string plain;
  for (const std::string_view segment : resolved) plain.append("/").append(segment);
  return plain.empty() ? "/" : plain;
}

bool path_may_reach(std::string_view path_and_query, std::string_view prefix) {
  const std::string path = decoded(path_and_query);
  const std::vector<std::string_view> segments = segments_of(path);
  const bool climbs = std::ranges::find(segments, std::string_view("..")) != segments.end();
  auto at = segments.begin();
  while (!prefix.empty()) {
    const std::string_view wanted = base::take_until(prefix, '/');
    if (wanted.empty()) continue;
    if (climbs) at = std::find(at, segments.end(), wanted);
    if (at == segments.end() || *at != wanted) return false;
    ++at;
  }
  return true;
}

void append_target(std::string& out, std::string_view base_path, std::string_view path_and_query) {
  if (path_and_query == "*") {
    out += bare(base_path).empty() ? path_and_query : base_path;
    return;
  }
  const bool has_path = path_and_query.starts_with('/');
  out += has_path ? bare(base_path) : base_path;
  if (!has_path && base_path.empty()) out += '/';
  out += path_and_query;
}

}  // namespace bearer::http
