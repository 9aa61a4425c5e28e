// The request target, split but never changed (RFC 9112 section 3.2). Nothing here allocates.
#pragma once

#include <optional>
#include <string_view>

namespace bearer::http {

enum class TargetForm {
  origin,     ///< `/path?query`
  absolute,   ///< `http://host/path?query`, as sent to a proxy
  authority,  ///< `host:port`, in a CONNECT
  asterisk,   ///< `*`, in an OPTIONS
};

/// Views into the text that was parsed.
struct Target {
  TargetForm form = TargetForm::origin;
  std::string_view scheme;     ///< absolute form only; in any case
  std::string_view authority;  ///< absolute and authority form; parse_host() reads it
  /// Path and query: `/path?query`; `*` in asterisk form, empty in authority form. In absolute form
  /// it may also be empty or begin with the query; then the path is `/`.
  std::string_view rest;

  bool operator==(const Target&) const = default;
};

/// nullopt for a text that has none of the four forms, or has a fragment, which no request target
/// has: a reader that cuts it off would see another path than we do.
std::optional<Target> parse_target(std::string_view text);

/// The path without the query.
constexpr std::string_view path_of(std::string_view path_and_query) {
  return path_and_query.substr(0, path_and_query.find('?'));
}

}  // namespace bearer::http
