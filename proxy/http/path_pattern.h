// A pattern of paths, as a person writes it: `/search`, `/api/*/query`, `/api/v2/**/query`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearer::http {

/// `*` stands for any characters of one segment, `**` as a whole segment for any number of
/// segments, none included. Everything else stands for itself, byte for byte. A value.
class PathPattern {
 public:
  /// nullopt unless `text` begins with `/` and is printable ASCII without a space, `?` or `#`.
  static std::optional<PathPattern> parse(std::string_view text);

  /// True if all of the path matches, as it is written; a query does not count. Allocates nothing;
  /// the time is bounded by the product of both lengths.
  bool matches(std::string_view path_and_query) const;

  const std::string& text() const { return text_; }
  bool operator==(const PathPattern&) const = default;

 private:
  explicit PathPattern(std::string_view text) : text_(text) {}

  std::string text_;
};

}  // namespace bearer::http
