#include "relay/admission.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>

#include "base/advice.h"
#include "base/host.h"
#include "base/text.h"
#include "http/hop_by_hop.h"
#include "http/host_field.h"
#include "http/path.h"
#include "http/quoted_string.h"
#include "http/site.h"
#include "http/target.h"
#include "http/token_list.h"
#include "relay/head/cors.h"

namespace bearer::relay {
namespace {

using base::advice_on;
using base::Trouble;
using http::FieldName;
using http::Method;
using http::TargetForm;

[[gnu::cold]] LocalReply denied(int status, std::string detail) {
  return {status, "http_request_denied", std::move(detail)};
}

/// Quotes what a client sent, shortened, so that its sender recognises it in an error's text.
std::string quoted(std::string_view text) {
  constexpr std::size_t kBytesMax = 80;
  return "'" + std::string(text.substr(0, kBytesMax)) + "'";
}

bool served_host(std::string_view name, const AdmissionRules& rules,
                 const http::CameInAt& came_in_at) {
  return base::is_loopback(name) ||
         std::ranges::any_of(rules.hosts,
                             [&](const std::string& host) { return base::iequals(host, name); }) ||
         (came_in_at && came_in_at(name));
}

/// True for another program's port on this machine. A request for it must not reach the API.
bool is_elsewhere_here(const http::Host& host, const OwnPort& own_port) {
  constexpr std::uint16_t kDefault = 80;  // http's, as if none were given
  if (host.port == 0 || host.port == kDefault || !own_port) return false;
  if (!base::is_loopback(host.name)) return false;
  const std::uint16_t own = own_port();
  return own != 0 && own != host.port;
}

[[gnu::cold]] LocalReply host_not_served(std::string_view name,
                                         Trouble why = Trouble::host_not_served) {
  return denied(421, "the host " + quoted(name) + " is not served here; " + advice_on(why));
}

/// Refuses what a page of another site must not do to a service on its reader's machine. A client
/// that is not a browser sends none of these fields. `page` is served_page(); it is emptied if it
/// is the proxy's own.
std::optional<LocalReply> refuse_browser(const http::FieldList& fields, std::string_view authority,
                                         std::string_view& page) {
  const http::Field* origin = fields.find(FieldName::origin);
  if (origin) {
    const bool once = fields.count(FieldName::origin) == 1;
    if (once && http::own_origin(origin->value, authority)) {
      page = {};
      return std::nullopt;
    }
    if (!page.empty()) return std::nullopt;
    return denied(403, "requests from pages of the origin " + quoted(origin->value) +
                           " are not served; " + advice_on(Trouble::origin_not_served));
  }
  if (http::fetched_across_sites(fields)) {
    return denied(403, "requests that a page of another site makes in a browser are not served");
  }
  return std::nullopt;
}

bool denied_method(std::string_view method, const AdmissionRules& rules) {
  return std::ranges::any_of(rules.denied_methods, [&](const std::string& denied) {
    return base::iequals(denied, method);
  });
}

/// Finds a denied prefix under which a server may read the path; null if there is none.
const std::string* denied_prefix(const http::PathReading& path, const AdmissionRules& rules) {
  const auto found = std::ranges::find_if(
      rules.denied_paths, [&](const std::string& prefix) { return path.may_reach(prefix); });
  return found == rules.denied_paths.end() ? nullptr : &*found;
}

bool any_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(names, [&](std::string_view one) { return base::iequals(name, one); });
}

LocalReply method_denied(const std::string& method) {
  return denied(403, "the method " + method + " is denied; " + advice_on(Trouble::method_denied));
}

/// Methods are case-sensitive, but not to every server. Some take the method from a field.
std::optional<LocalReply> refuse_method(const http::RequestHead& head,
                                        const AdmissionRules& rules) {
  if (rules.denied_methods.empty()) return std::nullopt;
  const auto denial = [](std::string_view method, std::string_view where) {
    return method_denied(quoted(method) + std::string(where));
  };
  if (denied_method(head.method_text, rules)) return denial(head.method_text, "");
  for (const http::Field& field : head.fields) {
    if (!http::overrides_method(field.name)) continue;
    std::string_view list = field.value;
    while (!list.empty()) {
      const std::string_view method = base::trim(base::take_until(list, ','));
      const std::string_view name = base::trim(method.substr(0, method.find(';')));
      if (denied_method(http::inside_quotes(name), rules)) {
        return denial(method, " in " + std::string(field.name));
      }
    }
  }
  return std::nullopt;
}

/// The rule applies however the path is spelled.
std::optional<LocalReply> refuse_path(const http::PathReading& path, const AdmissionRules& rules) {
  const std::string* prefix = denied_prefix(path, rules);
  if (!prefix) return std::nullopt;
  return denied(403, "paths under " + *prefix + " are denied; " + advice_on(Trouble::path_denied));
}

[[gnu::cold]] LocalReply named_in(const http::Field& field, LocalReply refusal) {
  refusal.detail.append(" (in ").append(field.name).append(")");
  return refusal;
}

/// Some servers take the path from a field.
std::optional<LocalReply> refuse_path_in_fields(const http::FieldList& fields,
                                                const AdmissionRules& rules) {
  for (const http::Field& field : fields) {
    if (!http::overrides_target(field.name)) continue;
    const auto target = http::parse_target(field.value);
    const std::string_view path = target ? http::path_of(target->rest) : field.value;
    if (auto refusal = refuse_path(http::PathReading(path), rules))
      return named_in(field, *std::move(refusal));
  }
  return std::nullopt;
}

std::optional<LocalReply> answer_preflight(const http::RequestHead& head, std::string_view page,
                                           const AdmissionRules& rules) {
  if (page.empty() || !is_preflight(head)) return std::nullopt;
  const std::string_view method = head.fields.value(FieldName::access_control_request_method);
  if (denied_method(method, rules)) {
    return method_denied(quoted(method));
  }
  return no_content(preflight_fields(head.fields));
}

/// True if an upstream leads back here. A few proxies of this kind may stand in a row; more of them
/// are the same one again and again (RFC 9110 section 7.6.3).
bool goes_round(const http::FieldList& fields) {
  constexpr int kPassagesMax = 8;
  if (!fields.has(FieldName::via)) return false;
  int passages = 0;
  for (const http::Field& field : fields) {
    if (field.id != FieldName::via) continue;
    std::string_view list = field.value;
    while (const auto element = http::next_element(list)) {
      if (element->ends_with(" bearer-proxy")) ++passages;
    }
  }
  return passages > kPassagesMax;
}

[[gnu::cold]] LocalReply in_a_loop() {
  return {502, "proxy_loop_detected",
          "the request has come through this proxy several times: an upstream leads back to it; " +
              advice_on(Trouble::circle)};
}

[[gnu::cold]] LocalReply no_route(std::string_view path) {
  return {404, "destination_not_found",
          "no route takes the path " + quoted(path) + "; see `routes` in the configuration",
          std::nullopt};
}

std::optional<LocalReply> refuse_escape(const http::PathReading& path, std::string_view prefix) {
  if (!path.leaves(prefix)) return std::nullopt;
  return denied(
      403, "the path's dot segments lead out of " + (prefix.empty() ? "/" : std::string(prefix)));
}

/// The client wrote a path of the proxy, such as `/crm/orders`. `path` is a reading of it.
Admission by_path(Admitted admitted, const http::PathReading& path, std::string_view host,
                  const RouteTable& routes) {
  const std::string_view whole = admitted.rest;
  admitted.route = routes.find(host, whole);
  if (!admitted.route) return no_route(admitted.path);
  const RouteOptions& options = admitted.route->options;
  if (auto refusal = refuse_escape(path, options.path)) return *std::move(refusal);
  admitted.base_path = options.upstream.path;
  if (options.strip_prefix) admitted.rest = http::after_prefix(whole, options.path);
  return admitted;
}

/// The client wrote a URL of the upstream with its base path, which is sent as it is. `path` is a
/// reading of its path.
[[gnu::noinline]] Admission by_upstream(Admitted admitted, const http::PathReading& path,
                                        const http::Host& host, const AdmissionRules& rules,
                                        const RouteTable& routes) {
  admitted.as_forward_proxy = true;
  admitted.route = routes.find_upstream(host, admitted.rest);
  if (!admitted.route) return denied(403, "the path lies outside of the upstream's base path");
  const RouteOptions& options = admitted.route->options;
  const std::string& base_path = options.upstream.path;
  if (auto refusal = refuse_escape(path, base_path)) return *std::move(refusal);
  // The rules are about the proxy's paths, so they need the path that this one would be there.
  std::string here;
  http::append_target(here, options.strip_prefix ? options.path : "",
                      http::after_prefix(admitted.rest, base_path));
  if (auto refusal = refuse_path(http::PathReading(here), rules)) return *std::move(refusal);
  return admitted;
}

[[gnu::cold]] std::optional<LocalReply> refuse_second_path(const http::Field& field,
                                                           const http::Host& host, bool upstream,
                                                           std::string_view authority,
                                                           const AdmissionRules& rules,
                                                           const RouteTable& routes) {
  const auto target = http::parse_target(field.value.substr(0, field.value.find('#')));
  if (!target || (target->form != TargetForm::origin && target->form != TargetForm::absolute))
    return std::nullopt;
  std::optional<http::Host> named = host;
  if (target->form == TargetForm::absolute) {
    named = http::parse_host(target->authority);
    upstream = named && routes.has_upstream(*named);
    const bool ours = base::iequals(target->authority, authority);
    if (!upstream && !ours) return std::nullopt;  // somewhere else, where no rule of ours holds
  }
  Admitted second;
  second.rest = target->rest;
  second.path = http::path_of(target->rest);
  const http::PathReading path(second.path);
  std::optional<LocalReply> refusal = refuse_path(path, rules);
  if (!refusal) {
    Admission admission = upstream ? by_upstream(second, path, *named, rules, routes)
                                   : by_path(second, path, host.name, routes);
    auto* reply = std::get_if<LocalReply>(&admission);
    if (reply && reply->status == 403) refusal = std::move(*reply);
  }
  return refusal ? std::optional(named_in(field, *std::move(refusal))) : std::nullopt;
}

/// COPY and MOVE go to a second path (RFC 4918 section 10.3), which is held to the same rules.
/// `upstream`: the client speaks to the upstream itself. `authority`: as it addressed us.
std::optional<LocalReply> refuse_destination(const http::FieldList& fields, const http::Host& host,
                                             bool upstream, std::string_view authority,
                                             const AdmissionRules& rules,
                                             const RouteTable& routes) {
  for (const http::Field& field : fields) {
    if (field.id != FieldName::destination) continue;
    auto refusal = refuse_second_path(field, host, upstream, authority, rules, routes);
    if (refusal) return refusal;
  }
  return std::nullopt;
}

}  // namespace

std::string_view served_page(const http::FieldList& fields, const AdmissionRules& rules) {
  if (rules.origins.empty() || fields.count(FieldName::origin) != 1) return {};
  const std::string_view origin = fields.value(FieldName::origin);
  const bool named = std::ranges::any_of(
      rules.origins, [&](const std::string& allowed) { return base::iequals(allowed, origin); });
  return named ? origin : std::string_view();
}

Admission admit(const http::RequestHead& head, const AdmissionRules& rules,
                const RouteTable& routes, std::string_view& page, const http::CameInAt& came_in_at,
                const OwnPort& own_port) {
  page = served_page(head.fields, rules);
  const std::optional<http::Target> target = http::parse_target(head.target);
  Admitted admitted;
  http::Host host;
  if (const auto fault = http::addressed(head, target, host, admitted.authority);
      fault != http::HeadFault::none) {
    return malformed_request(fault);
  }
  if (base::iequals(head.method_text, "CONNECT"))
    return denied(405,
                  "CONNECT is not served: no tunnels; call this proxy's own address in place of "
                  "the API's, or ask for the API's URL as http:// through http_proxy");
  // Some servers also know TRACE by another name.
  if (any_of(head.method_text, {"TRACE", "TRACK"}))
    return denied(405, "TRACE would show the token");

  const bool asterisk = target && target->form == TargetForm::asterisk;
  if (!target || target->form == TargetForm::authority ||
      (asterisk && head.method != Method::options)) {
    return malformed_request(http::HeadFault::target_malformed);
  }

  if (goes_round(head.fields)) return in_a_loop();

  admitted.rest = target->rest;
  admitted.path = http::path_of(target->rest);
  const bool absolute = target->form == TargetForm::absolute;
  // It asks about the server as a whole: the last proxy sends `*` for it (RFC 9112 section 3.2.4).
  if (absolute && head.method == Method::options && target->rest.empty()) admitted.rest = "*";
  if (auto refusal = refuse_browser(head.fields, admitted.authority, page)) {
    return *std::move(refusal);
  }
  if (auto refusal = refuse_method(head, rules)) return *std::move(refusal);
  const http::PathReading path(admitted.path);
  if (!rules.denied_paths.empty()) {
    if (auto refusal = refuse_path(path, rules)) return *std::move(refusal);
    if (auto refusal = refuse_path_in_fields(head.fields, rules)) return *std::move(refusal);
  }
  const bool own_name = host.name.empty() || served_host(host.name, rules, came_in_at);
  const bool upstream = absolute && routes.has_upstream(host);
  if (head.fields.has(FieldName::destination)) {
    if (auto refusal =
            refuse_destination(head.fields, host, upstream, admitted.authority, rules, routes)) {
      return *std::move(refusal);
    }
  }
  if (upstream) return by_upstream(admitted, path, host, rules, routes);
  if (absolute && is_elsewhere_here(host, own_port)) {
    return host_not_served(target->authority, Trouble::port_not_served);
  }
  // Another port of the upstream's host is named with it, else the answer would deny the upstream.
  if (!own_name) return host_not_served(absolute ? target->authority : host.name);
  if (auto preflight = answer_preflight(head, page, rules)) {
    return *std::move(preflight);
  }
  return by_path(admitted, path, host.name, routes);
}

http::LinkMap link_map(const Route& route, bool as_forward_proxy, std::string_view origin) {
  const RouteOptions& options = route.options;
  if (as_forward_proxy) return {options.upstream, options.upstream.path, true, origin};
  return {options.upstream, options.path, options.strip_prefix, origin};
}

std::optional<std::string> address_at_upstream(std::string_view address, const RouteTable& routes,
                                               bool as_forward_proxy, std::string_view origin) {
  if (origin.empty() || !base::istarts_with(address, origin)) return std::nullopt;
  const auto host = http::parse_host(origin.substr(origin.find("//") + 2));
  if (!host) return std::nullopt;
  std::string_view path = address.substr(origin.size());
  path = path.substr(0, path.find('#'));
  const Route* route =
      as_forward_proxy ? routes.find_upstream(*host, path) : routes.find(host->name, path);
  if (!route) return std::nullopt;
  return http::upstream_address(address, link_map(*route, as_forward_proxy, origin));
}

}  // namespace bearer::relay
