// The options of a route, as a test writes them.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "http/url.h"
#include "relay/route.h"

namespace bearer::test {

/// REQUIRES: `upstream` is a URL.
inline relay::RouteOptions route(std::string path, std::string_view upstream,
                                 bool strip_prefix = false, std::string host = {}) {
  relay::RouteOptions options;
  options.path = std::move(path);
  options.host = std::move(host);
  options.strip_prefix = strip_prefix;
  options.upstream = http::parse_url(upstream).value();
  return options;
}

}  // namespace bearer::test
