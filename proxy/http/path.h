// Paths and their prefixes: which route takes a path, what it becomes at the upstream, and whether
// it would leave its prefix there. Paths are compared as they came, byte for byte, and never
// normalised; only a PathReading decodes them.
//
// A prefix begins with `/` or is empty. It means whole segments: `/crm` and `/crm/` are the same,
// take `/crm` and `/crm/x`, and do not take `/crmx`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bearer::http {

/// `path_and_query` begins with `/`, or is empty, a bare query or `*`, which belong to the root.
/// Does not allocate.
bool path_has_prefix(std::string_view path_and_query, std::string_view prefix);

/// Returns the text after the prefix. It is empty, `*`, or begins with `/` or `?`. REQUIRES:
/// path_has_prefix(path_and_query, prefix).
std::string_view after_prefix(std::string_view path_and_query, std::string_view prefix);

/// A path as servers may understand it: encodings are decoded until nothing changes (`%2e`,
/// `%252e`, `%25%32%65`, `%%32e`, `%u002e` and `%c0%ae` are a dot), `\` separates as `/` does, the
/// text after a `;` in a segment is dropped, empty segments are merged, and a `..` is one also with
/// blanks around it, or before a NUL, `?` or `#`. For rules about paths, never for sending.
/// Making it takes time linear in the path's length. Refers to the path.
class PathReading {
 public:
  explicit PathReading(std::string_view path_and_query);
  PathReading(const PathReading&) = delete;
  PathReading& operator=(const PathReading&) = delete;

  /// True if a server might find dot segments that lead above the prefix. Servers read paths
  /// differently, so every reading counts. REQUIRES: path_has_prefix(path_and_query, prefix).
  bool leaves(std::string_view prefix) const;

  /// True if a server might find a path under `prefix`, which is plain. What belongs to its last
  /// segment is under it: `/users(1)`, `/users:export` and `/users.json` under `/users`. Some
  /// servers treat `/Admin` and `/admin` as the same, so ASCII letters match in either case.
  /// Servers differ about which names a `..` removes. So beside a `..` it is enough that the
  /// prefix's names come in their order, whatever is between them: `/a%2fb/../admin` is `/a/admin`
  /// to one server and `/admin` to another.
  bool may_reach(std::string_view prefix) const;

  /// The path with its dot segments resolved. Begins with `/`.
  std::string plain() const;

 private:
  const std::vector<std::string_view>& segments() const;
  /// The first such segment's index from `from` on, in either case; their number if none is left.
  std::size_t find(std::string_view segment, std::size_t from) const;

  std::string decoded_;    // empty if nothing was encoded
  std::string_view path_;  // decoded; an encoded separator, or a `\`, is a `\`
  mutable std::vector<std::string_view>
      segments_;                             // once asked for: without the empty ones and `.`
  mutable std::vector<std::uint32_t> keys_;  // of the segments, to search them fast
  mutable bool climbs_ = false;              // one of them is `..`
};

/// PathReading::leaves() of that path.
bool path_leaves(std::string_view path_and_query, std::string_view prefix);
/// PathReading::plain() of that path.
std::string plain_path(std::string_view path_and_query);

/// The target to send: `base_path`, then `path_and_query` (from after_prefix(), or a client's
/// target), with exactly one slash at the seam and nothing else changed. `/` if both are empty.
/// `*`, which means the whole server, becomes the base path if there is one. `base_path` is a
/// prefix too and has no query. Appends to `out`, because a head is written in place.
void append_target(std::string& out, std::string_view base_path, std::string_view path_and_query);

}  // namespace bearer::http
