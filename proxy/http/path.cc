#include "http/path.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "http/target.h"

namespace bearer::http {
namespace {

/// Removes the slash at the end, so that the result is empty or ends with a segment.
std::string_view bare(std::string_view prefix) {
  if (prefix.ends_with('/')) prefix.remove_suffix(1);
  return prefix;
}

// Encodes an ASCII character in two bytes, which UTF-8 forbids and some servers read nevertheless.
constexpr std::string_view kOverlongLeads = "\xc0\xc1";

/// An encoding at the end of a text: its length there, and the character that it stands for.
struct Encoded {
  std::size_t bytes;
  char value;
};

/// `%2e`, and `%u002e` as IIS has it, of the characters up to U+00FF; and overlong UTF-8.
std::optional<Encoded> encoded_end(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const auto last = static_cast<unsigned char>(text.back());
  const char lead = text[text.size() - 2];
  if ((last & 0xc0u) == 0x80u) {
    if (kOverlongLeads.find(lead) == std::string_view::npos) return std::nullopt;
    return Encoded{
        2, static_cast<char>((static_cast<unsigned char>(lead) & 1u) << 6 | (last & 0x3fu))};
  }
  const int high = base::hex_digit(lead), low = base::hex_digit(text.back());
  if (high < 0 || low < 0) return std::nullopt;
  const auto value = static_cast<char>(high * 16 + low);
  if (text.size() >= 3 && text[text.size() - 3] == '%') return Encoded{3, value};
  const std::string_view before = text.substr(0, text.size() - 2);
  return before.ends_with("%u00") || before.ends_with("%U00") ? std::optional(Encoded{6, value})
                                                              : std::nullopt;
}

/// Decodes until nothing changes, in one pass: a decoded character may end another encoding, and
/// each encoding makes the text shorter. An encoded separator becomes `\`, to distinguish it from
/// one that every server sees. Encoded tabs and line ends go, as where a text is read as a URL once
/// more (WHATWG URL, section 4.4).
std::string decoded(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  for (const char next : path) {
    out += next;
    while (const std::optional<Encoded> end = encoded_end(out)) {
      out.resize(out.size() - end->bytes);
      const bool dropped = end->value == '\t' || end->value == '\n' || end->value == '\r';
      if (!dropped) out += end->value == '/' ? '\\' : end->value;
    }
  }
  return out;
}

/// True if a byte is no ASCII character.
bool beyond_ascii(std::string_view text) {
  std::uint64_t all = 0;
  for (; text.size() >= sizeof all; text.remove_prefix(sizeof all)) {
    std::uint64_t word;
    std::memcpy(&word, text.data(), sizeof word);
    all |= word;
  }
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return (all & 0x8080808080808080u) != 0;
}

constexpr bool blank(char c) {
  return c >= '\0' && c <= ' ';
}

/// Some servers end a segment at a NUL, or read it as a URL once more.
std::string_view cut_short(std::string_view segment) {
  constexpr std::string_view kEnds("\0?#", 3);
  return segment.substr(0, segment.find_first_of(kEnds));
}

enum class Part { nothing, name, parent };

/// Classifies a segment: `..`, nothing (it is empty or `.`), or a name. Some servers drop blanks
/// around the dots.
Part part(std::string_view segment) {
  if (segment.empty()) return Part::nothing;
  if (segment.front() != '.' && !blank(segment.front())) return Part::name;
  segment = cut_short(segment);
  while (!segment.empty() && blank(segment.front())) segment.remove_prefix(1);
  while (!segment.empty() && blank(segment.back())) segment.remove_suffix(1);
  if (segment == ".") return Part::nothing;
  return segment == ".." ? Part::parent : Part::name;
}

/// Takes off the text before the next separator, and returns it without its parameters.
std::string_view take_segment(std::string_view& path) {
  std::size_t end = 0, name_end = std::string_view::npos;
  for (; end < path.size() && path[end] != '/' && path[end] != '\\'; ++end) {
    if (path[end] == ';') name_end = std::min(name_end, end);
  }
  const std::string_view name = path.substr(0, std::min(name_end, end));
  path.remove_prefix(std::min(path.size(), end + 1));
  return name;
}

/// The name that a server may take a segment for. Windows drops dots and blanks at its end.
std::string_view name_in(std::string_view segment) {
  segment = cut_short(segment);
  while (!segment.empty() && (segment.back() == '.' || blank(segment.back()))) {
    segment.remove_suffix(1);
  }
  return segment;
}

// These begin what belongs to the thing that is named before: `users(1)` is OData's key,
// `users:export` a method of Google's, `users.json` a format, `users::$DATA` a stream of Windows'.
constexpr std::string_view kAfterName = "(:.,";

/// True if the segment names `wanted`, or what belongs to it.
bool names(std::string_view segment, std::string_view wanted) {
  const std::string_view name = name_in(segment);
  if (!base::istarts_with(name, wanted)) return false;
  return name.size() == wanted.size() ||
         kAfterName.find(name[wanted.size()]) != std::string_view::npos;
}

/// A key by which most segments can be told apart at once. It is the same for all that name a thing
/// and what belongs to it.
std::uint32_t key_of(std::string_view segment) {
  constexpr std::size_t kBytes = 3;
  segment = segment.substr(0, segment.find_first_of(kAfterName));
  auto key = static_cast<std::uint32_t>(segment.size());
  for (const char c : segment.substr(segment.size() - std::min(segment.size(), kBytes)))
    key = key << 8 | static_cast<unsigned char>(base::lower(c));
  return key;
}

/// Returns by how much a segment moves the depth, in the worst reading. It is one segment to one
/// server and several to another, so names in it count as one at most, and as none beside a `..`
/// that they might not undo.
int lowest_step(std::string_view segment) {
  std::string_view after_first = segment;
  const bool starts_with_name = part(take_segment(after_first)) == Part::name;
  int depth = 0, lowest = 0;
  bool climbs = false;
  while (!segment.empty()) {
    switch (part(take_segment(segment))) {
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

PathReading::PathReading(std::string_view path_and_query) : path_(path_of(path_and_query)) {
  if (path_.find('%') == std::string_view::npos && !beyond_ascii(path_)) return;
  decoded_ = decoded(path_);
  path_ = decoded_;
}

bool PathReading::leaves(std::string_view prefix) const {
  if (path_.find("..") == std::string_view::npos) return false;
  std::string_view rest = path_;
  // The path contains the prefix byte for byte, so the prefix ends after as many slashes as it has.
  for (auto slashes = std::ranges::count(bare(prefix), '/'); slashes > 0; --slashes) {
    base::take_until(rest, '/');
  }
  base::take_until(rest, '/');  // the text before the next slash is the prefix's last name
  int depth = 0;
  while (!rest.empty()) {
    depth += lowest_step(base::take_until(rest, '/'));
    if (depth < 0) return true;
  }
  return false;
}

const std::vector<std::string_view>& PathReading::segments() const {
  std::string_view rest = segments_.empty() ? path_ : std::string_view();
  while (!rest.empty()) {
    const std::string_view segment = take_segment(rest);
    const Part is = part(segment);
    if (is == Part::parent) climbs_ = true;
    if (is == Part::nothing) continue;
    segments_.push_back(segment);
    keys_.push_back(key_of(name_in(segment)));
  }
  return segments_;
}

bool PathReading::may_reach(std::string_view prefix) const {
  const std::vector<std::string_view>& segments = this->segments();
  std::size_t at = 0;
  while (!prefix.empty()) {
    const std::string_view wanted = base::take_until(prefix, '/');
    if (wanted.empty()) continue;
    if (climbs_) at = find(wanted, at);
    if (at == segments.size() || !names(segments[at], wanted)) return false;
    ++at;
  }
  return true;
}

std::size_t PathReading::find(std::string_view segment, std::size_t from) const {
  const std::uint32_t key = key_of(segment);
  for (auto at = keys_.begin() + static_cast<std::ptrdiff_t>(from);; ++at) {
    at = std::find(at, keys_.end(), key);
    const auto index = static_cast<std::size_t>(at - keys_.begin());
    if (at == keys_.end() || names(segments_[index], segment)) return index;
  }
}

std::string PathReading::plain() const {
  std::vector<std::string_view> resolved;
  for (const std::string_view segment : segments()) {
    if (part(segment) == Part::name) {
      resolved.push_back(segment);
    } else if (!resolved.empty()) {
      resolved.pop_back();
    }
  }
  std::string plain;
  for (const std::string_view segment : resolved) plain.append("/").append(segment);
  return plain.empty() ? "/" : plain;
}

bool path_leaves(std::string_view path_and_query, std::string_view prefix) {
  return PathReading(path_and_query).leaves(prefix);
}

std::string plain_path(std::string_view path_and_query) {
  return PathReading(path_and_query).plain();
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
