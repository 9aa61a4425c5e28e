// Decides whether a request is served, and by which route. A pure function: a request that it
// refuses has touched neither a token nor a socket. Whether its client is served at all
// (--allow-uid) has been decided before, when the client connected: see net::is_welcome().
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/host_field.h"
#include "http/links.h"
#include "http/message.h"
#include "relay/replies/local_reply.h"
#include "relay/route.h"

namespace bearer::relay {

/// The rules for admitting a request. Names are lower case.
struct AdmissionRules {
  std::vector<std::string> hosts;    ///< Host names served beside the loopback ones
  std::vector<std::string> origins;  ///< browser origins served beside the proxy's own
  std::vector<std::string> denied_methods = {};
  std::vector<std::string> denied_paths = {};  ///< prefixes, as in http/path.h
};

/// A request that was admitted. Views into its head and the rules.
struct Admitted {
  Route* route = nullptr;
  std::string_view base_path;  ///< `rest` is appended to it for the target that is sent
  std::string_view rest;       ///< path and query, as the client wrote them
  std::string_view path;       ///< the client's path, without its query
  std::string_view authority;  ///< as the client addressed us; empty if it named no host
  /// True if the client addressed the upstream itself, as through a forward proxy.
  bool as_forward_proxy = false;
};

/// Returns the port at which the request came in; 0 if there is none. It is called only for an
/// absolute form that names a loopback host.
using OwnPort = std::function<std::uint16_t()>;

using Admission = std::variant<Admitted, LocalReply>;

/// The origin of the page for which a browser sends this request, if the rules name it; mostly
/// empty. It works for a refused head too, as far as that was read.
std::string_view served_page(const http::FieldList& fields, const AdmissionRules& rules);

/// Admits or refuses a request. `page` gets the foreign origin for which a browser sends it (mostly
/// none), also if it is refused: that page may read why. `came_in_at` is called for a Host that the
/// rules do not name. REQUIRES: the head was parsed without a fault.
Admission admit(const http::RequestHead& head, const AdmissionRules& rules,
                const RouteTable& routes, std::string_view& page, const http::CameInAt& came_in_at,
                const OwnPort& own_port);

/// Maps the upstream's links to those for the request's client. `origin` outlives the result.
http::LinkMap link_map(const Route& route, bool as_forward_proxy, std::string_view origin);

/// The inverse: turns an address of ours in a request into the upstream's to which it leads, by the
/// route of its own path, which need not be the request's. nullopt if it is not ours, or no route
/// takes it. `origin` is ours, as the client addressed it; empty if it did not.
std::optional<std::string> address_at_upstream(std::string_view address, const RouteTable& routes,
                                               bool as_forward_proxy, std::string_view origin);

}  // namespace bearer::relay
