// Paths and the prefixes that they are held to: which route takes a path, what it becomes at the
// upstream, and whether it would get out of its prefix there. Paths are compared as they came, byte
// for byte, and never normalised; only a PathReading looks through encodings.
//
// A prefix begins with `/` or is empty. It stands for whole segments: `/crm` and `/crm/` are the
// same, take `/crm` and `/crm/x`, and leave `/crmx`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bearer::http {

/// `path_and_query` begins with `/`, or is empty, a bare query or `*`: those belong to the root.
/// Allocates nothing.
bool path_has_prefix(std::string_view path_and_query, std::string_view prefix);

/// Returns what follows the prefix. It is empty, `*`, or begins with `/` or `?`.
/// REQUIRES: path_has_prefix(path_and_query, prefix).
std::string_view after_prefix(std::string_view path_and_query, std::string_view prefix);

/// One reading of a path, as servers may understand it: percent-encodings are decoded until nothing
/// changes (`%2e`, `%252e`, `%25%32%65` and `%%32e` are a dot), `\` separates as `/` does, what
/// follows a `;` in a segment is dropped, empty segments are merged. For rules about paths, never
/// for sending. Linear in the path's length to make; refers to the path.
class PathReading {
 public:
  explicit PathReading(std::string_view path_and_query);
  PathReading(const PathReading&) = delete;
  PathReading& operator=(const PathReading&) = delete;

  /// True if a server might read dot segments that lead above the prefix. Servers differ in what
  /// they read, so every reading counts.
  /// REQUIRES: path_has_prefix(path_and_query, prefix).
  bool leaves(std::string_view prefix) const;

  /// True if a server might read a path under `prefix`, which is plain. Some servers do not tell
  /// `/Admin` from `/admin`, so ASCII letters count in either case. Beside a `..` servers
  /// differ in which names before it are left: there the prefix's names in their order are enough,
  /// whatever stands between them. `/a%2fb/../admin` is `/a/admin` to one and `/admin` to another.
  bool may_reach(std::string_view prefix) const;

  /// The path with its dot segments resolved. Begins with `/`.
  std::string plain() const;

 private:
  const std::vector<std::string_view>& segments() const;
  /// The place of the first such segment, in either case, from `from` on, or their number.
  std::size_t find(std::string_view segment, std::size_t from) const;

  std::string decoded_;    // empty where nothing was encoded
  std::string_view path_;  // decoded; a separator that was encoded, or is a `\`, is a `\`
  mutable std::vector<std::string_view>
      segments_;                             // once asked for: without the empty ones and `.`
  mutable std::vector<std::uint32_t> keys_;  // of the segments, to search them fast
  mutable bool climbs_ = false;              // one of them is `..`
};

/// PathReading::leaves() of that path.
bool path_leaves(std::string_view path_and_query, std::string_view prefix);
/// PathReading::plain() of that path.
std::string plain_path(std::string_view path_and_query);

/// The target to be sent: `base_path`, then `path_and_query` (from after_prefix(), or a target of
/// the client's), with exactly one slash at the seam and nothing else changed. `/` if both are
/// empty. `*`, which speaks of the whole server, becomes the base path where there is one.
/// `base_path` is a prefix too and has no query. Appends to `out`: a head is written in place.
void append_target(std::string& out, std::string_view base_path, std::string_view path_and_query);

}  // namespace bearer::http
