// Rewrites links inside XML and HTML, in attributes and in text: feeds, WSDL, listings, pages.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "http/body_links/link_rewriter.h"

namespace bearer::http {

/// Rewrites each link that stands by itself: as an attribute's value or a part of it, or in text. A
/// link inside another URL (`?return=https://…`) is not changed, nor is one that names a namespace
/// and leads nowhere: in `xmlns`, `xmlns:…`, `targetNamespace`, `namespace` and `soapAction`.
/// Replaces only the beginning of a link.
///
/// Searches only for links, so it needs no parser and no stack. A link written with character
/// references (`https:&#x2F;&#x2F;…`) is not found.
class MarkupLinks final : public LinkRewriter {
 public:
  explicit MarkupLinks(LinkTranslation links);

  /// Holds back at most kLinkBytesMax.
  Step next(std::string_view in) override;
  std::string_view finish() override;

 private:
  struct Candidate {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool whole = false;  ///< the byte after it has come
  };

  Candidate find(std::string_view in) const;
  Step pass_long_link(std::string_view in);
  Step hold(std::string_view in);
  void remember(std::string_view gone);
  std::string_view decide();

  LinkTranslation links_;
  std::size_t origin_bytes_max_ = 0;
  std::string before_;      // the last consumed bytes, without held_
  std::string held_;        // a possible beginning of a link, or a link without its end
  bool long_link_ = false;  // in the middle of one that is not changed
  std::string other_;
};

}  // namespace bearer::http
