// Translates links inside a body while it streams (deploy/docs/outcomes.md, Links inside bodies).
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/head_scanner.h"
#include "http/links.h"

namespace bearer::http {

/// The longest link in its written form. A longer one is not changed: no request line has room for
/// it.
inline constexpr std::size_t kLinkBytesMax = kRequestLineBytesMax;

/// Says which links are translated, and how.
struct LinkTranslation {
  /// The beginnings of links, in any case: scheme, host and perhaps port.
  std::vector<std::string> origins;
  /// nullopt: the link is not changed.
  Translate translate;
};

/// Returns the length of the end that both have in common, which stays as it was written.
std::size_t common_end(std::string_view a, std::string_view b);

/// Turns the upstream's links into the proxy's, as rewrite_location() does. The objects that the
/// map refers to outlive the translation.
LinkTranslation to_proxy(const LinkMap& map);
/// Turns the links of that origin, the proxy's, into an upstream's. There is none if it is empty.
LinkTranslation to_upstream(std::string_view proxy_origin, Translate upstream_address);

/// True if `text`, which may be split anywhere, begins with an origin or is a beginning of one.
bool may_begin_link(std::string_view text, const std::vector<std::string>& origins);

/// Rewrites one body. Every byte that does not belong to a link's beginning stays, also in a body
/// that is not what it claims to be.
class LinkRewriter {
 public:
  /// The output for the first `consumed` bytes of the input: `same`, then `other`.
  struct Step {
    std::size_t consumed = 0;
    std::string_view same;   ///< within those bytes
    std::string_view other;  ///< about kOtherBytesMax at most; valid until the next call
  };
  /// Room for a link with its new beginning, and a line after it.
  static constexpr std::size_t kOtherBytesMax = 2 * kLinkBytesMax + 1024;

  LinkRewriter() = default;
  LinkRewriter(const LinkRewriter&) = delete;
  LinkRewriter& operator=(const LinkRewriter&) = delete;
  virtual ~LinkRewriter() = default;

  /// Reads up to the first change; consumes or returns something. Bytes that were not consumed must
  /// be offered again, as for BodyReader. Bytes at the end of `in` that may begin a link are held
  /// back. REQUIRES: `in` is not empty.
  virtual Step next(std::string_view in) = 0;

  /// The body has ended or was cut. Returns what was held back. The view is valid as long as this
  /// object.
  virtual std::string_view finish() = 0;
};

}  // namespace bearer::http
