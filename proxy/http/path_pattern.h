// A pattern of paths in a setting: `/search`, `/api/*/query`, `/api/v2/**/query`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearer::http {

/// `*` matches any characters of one segment, `**` as a whole segment any number of segments, none
/// included. Everything else matches itself, byte for byte. A value.
class PathPattern {
 public:
  /// nullopt unless `text` begins with `/` and is printable ASCII without a space, `?` or `#`.
  static std::optional<PathPattern> parse(std::string_view text);

  /// True if the whole path matches as it is written, without its query. Does not allocate. The
  /// time is bounded by the product of both lengths.
  bool matches(std::string_view path_and_query) const;

  const std::string& text() const { return text_; }
  bool operator==(const PathPattern&) const = default;

 private:
  explicit PathPattern(std::string_view text) : text_(text) {}

  std::string text_;
};

}  // namespace bearer::http
