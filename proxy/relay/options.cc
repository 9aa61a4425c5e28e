#include "relay/options.h"

#include <algorithm>

#include "base/text.h"

namespace bearer::relay {

bool RouteOptions::names_address_field(std::string_view field) const {
  return std::ranges::any_of(address_fields,
                             [&](const std::string& name) { return base::iequals(name, field); });
}

net::DialedServer dialed_server(const RouteOptions& route) {
  return {.host = route.upstream.host,
          .authority = route.upstream.authority(),
          .what = "upstream",
          .setting = route.upstream_setting,
          .private_ca = !route.ca_file.empty(),
          .shows_certificate = !route.client_cert_file.empty(),
          .by_egress_proxy = route.egress.proxy_for(route.upstream.host).used(),
          .connect_timeout = route.connect_timeout};
}

}  // namespace bearer::relay
