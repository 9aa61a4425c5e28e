// Links inside a body, translated while it streams (contract section 3, step 5).
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

/// The longest link as it is written. A longer one is left alone: it could not be asked for, as it
/// fits no request line.
inline constexpr std::size_t kLinkBytesMax = kRequestLineBytesMax;

/// Says which links are translated, and into what.
struct LinkTranslation {
  /// With one of these a link begins, in any case: scheme, host and perhaps port.
  std::vector<std::string> origins;
  /// nullopt: it is left alone.
  std::function<std::optional<std::string>(std::string_view link)> translate;
};

/// Returns the length of the end that both share: it stays as it was written.
std::size_t common_end(std::string_view a, std::string_view b);

/// The upstream's links become the proxy's, as by rewrite_location(). What the map refers to
/// outlives the translation.
LinkTranslation to_proxy(const LinkMap& map);
/// The proxy's links become the upstream's, as by upstream_address().
LinkTranslation to_upstream(const LinkMap& map);

/// True if `text`, which may be cut anywhere, begins one of these origins, or with one.
bool may_begin_link(std::string_view text, const std::vector<std::string>& origins);

/// One body on its way. Every byte that is no link's beginning passes as it is, also of a body that
/// is not what it says.
class LinkRewriter {
 public:
  /// For the first `consumed` bytes that came in, `same` and then `other` go out.
  struct Step {
    std::size_t consumed = 0;
    std::string_view same;   ///< within those bytes
    std::string_view other;  ///< at most kOtherBytesMax; valid until the next call
  };
  /// A link with its new beginning, and a line that stands behind it.
  static constexpr std::size_t kOtherBytesMax = 2 * kLinkBytesMax + 1024;

  LinkRewriter() = default;
  LinkRewriter(const LinkRewriter&) = delete;
  LinkRewriter& operator=(const LinkRewriter&) = delete;
  virtual ~LinkRewriter() = default;

  /// Reads on, up to the first change; consumes something or gives something. What was not consumed
  /// is to be offered again, as for BodyReader. What may still be the beginning of a link at the
  /// end of `in` is held back. REQUIRES: `in` is not empty.
  virtual Step next(std::string_view in) = 0;

  /// The body has ended, or was cut: what was held back, at most kOtherBytesMax. Valid while this
  /// is.
  virtual std::string_view finish() = 0;
};

}  // namespace bearer::http
