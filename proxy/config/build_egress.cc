#include "config/build.h"

#include <optional>
#include <string>

#include "base/encoding.h"
#include "config/user_information.h"
#include "config/values.h"
#include "http/url.h"

namespace bearer::config {
namespace {

struct Variable {
  std::string name, value;
};

/// Empty if neither spelling has a value.
Variable find_variable(const Environment& environment, const char* lower, const char* upper) {
  for (const char* name : {lower, upper}) {
    const auto found = environment.find(name);
    if (found != environment.end() && !found->second.empty()) return {name, found->second};
  }
  return {};
}

/// Makes a Basic credential (RFC 7617).
base::Secret basic(const UserInformation& who) {
  return base::Secret("Basic " +
                      base::base64_encode(who.user + ":" + std::string(who.password.reveal())));
}

/// Without a scheme it is http, as for curl. `why` gets the fault, never with the password.
std::optional<net::EgressProxy> parse_proxy(std::string text, std::string& why) {
  if (text.find("://") == std::string::npos) text.insert(0, "http://");
  const std::size_t length = text.size();
  const UserInformation who = take_user_information(text);
  net::EgressProxy proxy;
  if (text.size() != length) proxy.authorization = basic(who);
  const auto url = http::parse_url(text);
  if (!url) {
    why = url.error().detail;
  } else if (url->tls) {
    why = "a proxy that is itself spoken to in TLS is not supported; write http://host:port";
  } else if (!url->path.empty() && url->path != "/") {
    why = "the URL of a proxy has no path; write http://host:port";
  }
  if (!why.empty()) return std::nullopt;
  proxy.host = url->host;
  proxy.port = url->port;
  return proxy;
}

}  // namespace

net::EgressOptions read_egress(const Typed& typed, const Surroundings& around, bool tls) {
  std::string why;
  std::optional<net::EgressProxy> proxy;
  if (typed.has("egress-proxy")) {
    const std::string text = typed.text("egress-proxy");
    proxy = parse_proxy(text, why);
    if (!why.empty()) typed.problem("egress-proxy", text, why);
  } else if (tls) {
    const Variable variable = find_variable(around.environment, "https_proxy", "HTTPS_PROXY");
    if (!variable.value.empty()) proxy = parse_proxy(variable.value, why);
    if (!why.empty()) {
      typed.complain("the environment variable " + variable.name + ": " + why +
                     "; unset it, or set egress_proxy");
    }
  }
  if (!proxy) return {};
  return {*proxy, split_list(find_variable(around.environment, "no_proxy", "NO_PROXY").value)};
}

std::optional<Value> egress_of_environment(const Environment& environment) {
  const Variable variable = find_variable(environment, "https_proxy", "HTTPS_PROXY");
  if (variable.value.empty()) return std::nullopt;
  const Variable exempt = find_variable(environment, "no_proxy", "NO_PROXY");
  const std::string but = exempt.value.empty() ? "" : ", but for " + exempt.name + ": ";
  return Value{{variable.value}, variable.name + but + exempt.value, ""};
}

}  // namespace bearer::config
