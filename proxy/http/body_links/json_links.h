// Links inside JSON: a document (RFC 8259), one on each line (NDJSON), or a sequence (RFC 7464).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "http/body_links/link_rewriter.h"

namespace bearer::http {

/// Rewrites each string value, never an object's key, that is a link to be translated, however it
/// is escaped. Of such a link only its beginning is replaced.
///
/// Looks for strings only, so it needs no parser, no stack, and has no limit on nesting: a string
/// is a key if the next thing after it is a colon.
class JsonLinks final : public LinkRewriter {
 public:
  explicit JsonLinks(LinkTranslation links) : links_(std::move(links)) {}

  /// Holds back at most kLinkBytesMax.
  Step next(std::string_view in) override;
  std::string_view finish() override;

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
  bool may_begin(std::string_view text) const;
  bool rewrite(std::string_view text);
  void rewrite_held();

  LinkTranslation links_;
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
