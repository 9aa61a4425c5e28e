#include "http/body_links/link_rewriter.h"

#include <algorithm>
#include <utility>

#include "base/host.h"
#include "base/text.h"

namespace bearer::http {

std::size_t common_end(std::string_view a, std::string_view b) {
  const auto differ = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend());
  return static_cast<std::size_t>(differ.first - a.rbegin());
}

LinkTranslation to_proxy(const LinkMap& map) {
  const std::string host = base::to_lower(base::url_host(map.upstream.host));
  return {{"https://" + host, "http://" + host},
          [map](std::string_view link) { return rewrite_location(link, map); }};
}

LinkTranslation to_upstream(std::string_view proxy_origin, Translate upstream_address) {
  if (proxy_origin.empty()) return {};
  return {{base::to_lower(proxy_origin)}, std::move(upstream_address)};
}

bool may_begin_link(std::string_view text, const std::vector<std::string>& origins) {
  return std::ranges::any_of(origins, [&](std::string_view origin) {
    const std::size_t common = std::min(text.size(), origin.size());
    return base::iequals(text.substr(0, common), origin.substr(0, common));
  });
}

}  // namespace bearer::http
