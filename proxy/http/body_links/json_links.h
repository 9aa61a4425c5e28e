// Rewrites links in JSON: a document (RFC 8259), one a line (NDJSON), or a sequence (RFC 7464).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "http/body_links/link_rewriter.h"

namespace bearer::http {

/// Rewrites each string value that is a link to be translated, however it is escaped, but never an
/// object's key. Replaces only the beginning of the link.
///
/// Searches only for strings, so it needs no parser and no stack, and nesting has no limit: a
/// string is a key if a colon comes next.
class JsonLinks final : public LinkRewriter {
 public:
  explicit JsonLinks(LinkTranslation links) : links_(std::move(links)) {}

  /// Holds back at most kLinkBytesMax.
  Step next(std::string_view in) override;
  std::string_view finish() override;

 private:
  enum class Place {
    outside,  // not in a string
    string,   // in a string that is not changed
    held,     // in or after a string that is held back
  };
  enum class Value { plain, link, unfinished };

  Value read_value(std::string_view text);
  Step hold(std::string_view in);
  Step let_go(std::size_t consumed);
  bool may_begin(std::string_view text) const;
  bool rewrite(std::string_view text);
  void rewrite_held();

  LinkTranslation links_;
  Place place_ = Place::outside;
  bool escaped_ = false;  // the string's next byte is escaped
  bool closed_ = false;   // the string that is held back has its closing quote

  std::string held_;     // as it came, from after its first quote on
  std::string decoded_;  // a value without its escapes
  std::string beginning_unescaped_;
  std::string beginning_;     // the output for the beginning of the value read last
  std::size_t replaced_ = 0;  // bytes of that value, as written, that beginning_ replaces
  std::string other_;
};

}  // namespace bearer::http
