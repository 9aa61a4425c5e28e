// Turns the upstream's links to itself into links to the proxy, so that a client that follows them
// stays on the proxy: Location and Content-Location (RFC 9110), Link (RFC 8288).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "http/url.h"

namespace bearer::http {

/// Maps an upstream's URLs to those that clients see. All that it refers to outlives it.
struct LinkMap {
  const Url& upstream;            ///< its path is the base path
  std::string_view route_prefix;  ///< `/crm/`, as in path.h
  bool strip_prefix = false;
  std::string_view proxy_origin;  ///< `http://localhost:8080`, as the client addressed it
};

/// Returns the value to relay instead, or nullopt: it is relayed as it is.
///
/// Rewritten is a URL with the upstream's host and port, in http or https (also `//host/path`; the
/// default ports of both schemes count as the same), or a path alone, if it is under the base path
/// and would come back to the same route. Relative references, other origins and paths outside are
/// not changed, and neither is any byte after the base path.
std::optional<std::string> rewrite_location(std::string_view value, const LinkMap& map);

/// The same for each `<target>` of a Link field.
std::optional<std::string> rewrite_link(std::string_view value, const LinkMap& map);

/// The same for any field whose value is an absolute URL, or begins with `<`: Operation-Location,
/// Azure-AsyncOperation and all those that no list has.
std::optional<std::string> rewrite_address(std::string_view value, const LinkMap& map);

/// The same for the URL in a Refresh field: `5; url=https://…`.
std::optional<std::string> rewrite_refresh(std::string_view value, const LinkMap& map);

/// The same for a path alone, and for each absolute URL amid other text: `page=2; at="https://…"`.
std::optional<std::string> rewrite_addresses_in(std::string_view text, const LinkMap& map);

/// The inverse: turns an address of ours in a request, such as a Destination (RFC 4918 section
/// 10.3), into the upstream's. nullopt if it is not ours, or belongs to no path of this route.
std::optional<std::string> upstream_address(std::string_view value, const LinkMap& map);

/// Turns one address into another; nullopt: it stays.
using Translate = std::function<std::optional<std::string>(std::string_view address)>;

/// Translates each absolute URL amid other text. nullopt if that changes nothing.
std::optional<std::string> translate_addresses_in(std::string_view text,
                                                  const Translate& translate);

/// The same for each address in angle brackets, as in the tagged lists of `If` (RFC 4918 section
/// 10.4.3).
std::optional<std::string> translate_tags(std::string_view value, const Translate& translate);

}  // namespace bearer::http
