// Whether a request is served, and by which route (contract section 3, step 1). Pure: no request
// that is refused here has touched a token or a socket.
#pragma once

#include <cstdint>
#include <functional>
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

/// The rules by which a request may enter. Names are lower case.
struct AdmissionRules {
  std::vector<std::string> hosts;    ///< Host names served beside the loopback ones
  std::vector<std::string> origins;  ///< browser origins served beside the proxy's own
  std::vector<std::string> denied_methods = {};
  std::vector<std::string> denied_paths = {};  ///< prefixes, as in http/path.h
};

/// A request that is served. Views into its head and the rules.
struct Admitted {
  Route* route = nullptr;
  std::string_view base_path;  ///< what `rest` is appended to, for the target that is sent
  std::string_view rest;       ///< path and query, as the client wrote them
  std::string_view path;       ///< the client's path, without its query
  std::string_view authority;  ///< by which the client addressed us; empty if it named none
  /// The client addressed the upstream itself, as through a forward proxy.
  bool as_forward_proxy = false;
};

/// The port at which the request came in; 0 where there is none. Asked of an absolute form that
/// names a loopback host alone.
using OwnPort = std::function<std::uint16_t()>;

using Admission = std::variant<Admitted, LocalReply>;

/// The origin of the page that a browser sends this for, where it is named by the rules; mostly
/// empty. Also of a head that is refused, as far as it was read.
std::string_view served_page(const http::FieldList& fields, const AdmissionRules& rules);

/// Puts the other origin that a browser sends this for, mostly none, into `page`, also if the
/// request is refused: that page may read why. `came_in_at` is asked of a Host that the rules do
/// not name. REQUIRES: the head was parsed without a fault.
Admission admit(const http::RequestHead& head, const AdmissionRules& rules,
                const RouteTable& routes, std::string_view& page,
                const http::CameInAt& came_in_at = {}, const OwnPort& own_port = {});

/// How links of the upstream look to the client of that request. `origin` outlives the result.
http::LinkMap link_map(const Route& route, bool as_forward_proxy, std::string_view origin);

}  // namespace bearer::relay
