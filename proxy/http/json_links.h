// Links of the upstream to itself inside a JSON body (RFC 8259), turned into links to the proxy
// while the body streams (contract section 3, step 5).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "http/head_scanner.h"
#include "http/links.h"

namespace bearer::http {

/// Of a link as it is written, with the blanks behind it. A longer one is left alone: it could not
/// be asked for, as it fits no request line.
inline constexpr std::size_t kJsonLinkBytesMax = kRequestLineBytesMax;

/// Rewrites each string value, never an object's key, that is an absolute URL which
/// rewrite_location() would change, however it is escaped. Of such a URL only its beginning is
/// replaced; every other byte of the body passes as it is, also of a body that is no JSON.
///
/// Looks for strings only, so it needs no parser, no stack, and has no limit on nesting: a string
/// is a key if the next thing after it is a colon.
class JsonLinks {
 public:
  /// What the map refers to must outlive it.
  explicit JsonLinks(const LinkMap& map);

  /// What goes out for the first `consumed` bytes of what came in: `same`, then `other`.
  struct Step {
    std::size_t consumed = 0;
    std::string_view same;   ///< within those bytes
    std::string_view other;  ///< at most kOtherBytesMax; valid until the next call
  };
  static constexpr std::size_t kOtherBytesMax = 2 * kJsonLinkBytesMax;

  /// Reads on, up to the first change; consumes something or gives something. What was not consumed
  /// is to be offered again, as for BodyReader. What may still be the beginning of a link at the
  /// end of `in` is held back, at most kJsonLinkBytesMax of it. REQUIRES: `in` is not empty.
  Step next(std::string_view in);

  /// The body has ended, or was cut: what was held back. Valid while this is.
  std::string_view finish();

 private:
  enum class Place {
    outside,  // of any string
    string,   // in one that is left alone
    held,     // in or behind one that is held back
  };
  enum class Value { plain, link, unfinished };

  Value read_value(std::string_view text);
  Step hold(std::string_view in);
  Step let_go(std::size_t consumed);
  bool may_begin_link(std::string_view text) const;
  bool rewrite(std::string_view text);
  void rewrite_held();

  LinkMap map_;
  std::string origin_;  // the upstream's, in lower case, without the port
  Place place_ = Place::outside;
  bool escaped_ = false;  // the next byte of the string is
  bool closed_ = false;   // the string that is held back has its second quote

  std::string held_;     // as it came, from behind the first quote on
  std::string decoded_;  // a value without its escapes
  std::string beginning_unescaped_;
  std::string beginning_;     // what goes out for the beginning of the value read last
  std::size_t replaced_ = 0;  // bytes of that value, as written, that beginning_ stands for
  std::string other_;
};

}  // namespace bearer::http
