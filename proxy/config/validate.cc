#include "config/validate.h"

#include <algorithm>

#include "base/host.h"
#include "http/url.h"

namespace bearer::config {
namespace {

bool has_name(const Block& block, const std::string& name) {
  return block.name == name;
}

/// The nearest name; all names if none is near.
std::string known_instead(const std::string& name, const std::vector<std::string>& known) {
  const std::string nearest = did_you_mean(name, known);
  if (!nearest.empty()) return nearest;
  std::string list;
  for (const std::string& one : known) list += (list.empty() ? "" : ", ") + one;
  return (known.size() == 1 ? "; known is " : "; known are ") + list;
}

void check_credential(const Block& route, const std::vector<Block>& credentials,
                      ConfigErrors& problems) {
  std::vector<std::string> known;
  for (const Block& credential : credentials) known.push_back(credential.name);
  if (route.name.empty()) {
    problems.add((route.label.empty() ? "the route" : route.label) +
                 ": there are several credentials; name one with \"credential\"" +
                 (route.label.empty() ? ", in an entry of routes" : ""));
  } else if (std::ranges::find(known, route.name) == known.end()) {
    problems.add(describe(*find_option("credential"), route.values.at("credential"), route.name) +
                 "there is no such entry in credentials" + known_instead(route.name, known));
  }
}

/// `/crm` and `/crm/` are the same.
std::string_view without_slash(std::string_view path) {
  return path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

/// True if a client that connects to `upstream` may reach the socket on `address`, on the same
/// port.
bool reaches(std::string_view upstream, std::string_view address) {
  const std::string host = base::plain_loopback(upstream), listen = base::plain_loopback(address);
  if (host == listen) return true;
  if (listen == "0.0.0.0") return base::is_loopback(host) && host != "::1";
  if (listen == "::") return host == "localhost" || host == "::1";
  const auto may_be_localhost = [](std::string_view one) {
    return one == "127.0.0.1" || one == "::1";
  };
  return (host == "localhost" && may_be_localhost(listen)) ||
         (listen == "localhost" && may_be_localhost(host));
}

bool leads_back(const http::Url& upstream, const net::Address& listen) {
  const bool same_port = listen.path.empty() && listen.port == upstream.port;
  return !upstream.tls && same_port && listen.port != 0 && reaches(upstream.host, listen.host);
}

void check_circles(const Settings& settings, ConfigErrors& problems) {
  for (std::size_t i = 0; i < settings.routes.size(); ++i) {
    const http::Url& upstream = settings.routes[i].upstream;
    const auto listen = std::ranges::find_if(settings.listen, [&](const net::Address& address) {
      return leads_back(upstream, address);
    });
    if (listen == settings.listen.end()) continue;
    const std::string route =
        settings.routes.size() > 1 ? "routes[" + std::to_string(i) + "]." : "";
    problems.add(route + "upstream = \"" + upstream.text() +
                 "\": the proxy itself listens there, on " + listen->text() +
                 ", and requests would go round in a circle; name the API's own " +
                 "URL, or another --listen");
  }
}

}  // namespace

std::string credential_of(const Block& route, const std::vector<Block>& credentials) {
  const auto named = route.values.find("credential");
  if (named != route.values.end()) return named->second.texts.front();
  return credentials.size() == 1 ? credentials.front().name : "";
}

void validate_blocks(const Values& flat, const std::vector<Block>& credentials,
                     const std::vector<Block>& routes, ConfigErrors& problems) {
  for (const Block& route : routes) check_credential(route, credentials, problems);
  bool preset = false;
  for (const Block& credential : credentials) {
    preset |= credential.values.contains("preset");
    const bool used = std::ranges::any_of(
        routes, [&](const Block& route) { return has_name(route, credential.name); });
    const bool unclear =
        std::ranges::any_of(routes, [](const Block& route) { return route.name.empty(); });
    // A credential without a label is not in the file; routes that name another were reported.
    if (used || unclear || credential.label.empty()) continue;
    problems.add(credential.label +
                 ": no route uses it; name it in a route's \"credential\", or "
                 "leave it out");
  }
  const auto region = flat.find("region");
  if (region != flat.end() && !preset) {
    problems.add(describe(*find_option("region"), region->second, region->second.texts.front()) +
                 "a region says nothing without a preset");
  }
}

void validate(const Settings& settings, ConfigErrors& problems) {
  check_circles(settings, problems);
  for (std::size_t later = 1; later < settings.routes.size(); ++later) {
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      const relay::RouteOptions& a = settings.routes[earlier];
      const relay::RouteOptions& b = settings.routes[later];
      if (a.host != b.host || without_slash(a.path) != without_slash(b.path)) continue;
      problems.add("routes[" + std::to_string(later) + "] takes the same requests as routes[" +
                   std::to_string(earlier) + "]: path " + b.path +
                   (b.host.empty() ? "" : " of host " + b.host));
    }
  }
}

}  // namespace bearer::config
