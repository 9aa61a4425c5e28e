// Upstreams as the targets of links see them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/links.h"
#include "http/url.h"

namespace bearer::fuzz {

/// A route by which links are rewritten.
struct Mapping {
  http::Url upstream;
  std::string route_prefix;
  bool strip_prefix;

  http::LinkMap map() const { return {upstream, route_prefix, strip_prefix, kProxyOrigin}; }

  static constexpr std::string_view kProxyOrigin = "http://localhost:8080";
};

/// With and without prefix, base path, port and TLS.
const std::vector<Mapping>& mappings();

}  // namespace bearer::fuzz
