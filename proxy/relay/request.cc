#include "relay/request.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/text.h"
#include "http/chars.h"
#include "http/grpc/call.h"
#include "http/hop_by_hop.h"
#include "http/links.h"
#include "http/path.h"
#include "http/patience.h"
#include "http/target.h"
#include "http/token_list.h"
#include "relay/head/own_fields.h"
#include "relay/head/relinking.h"

namespace bearer::relay {
namespace {

using http::Field;
using http::FieldName;
using http::HeadFault;

/// The line for each version of the message that came (RFC 9110 section 7.6.3): see HttpVersion.
constexpr std::array<std::string_view, kHttpVersions.size()> kVia = {
    "Via: 1.0 bearer-proxy\r\n", "Via: 1.1 bearer-proxy\r\n", "Via: 2 bearer-proxy\r\n"};

/// A request may have a body, as the ones of `docker exec` and `kubectl exec` have.
bool asks_for_tunnel(const http::RequestHead& head) {
  const http::FieldList& fields = head.fields;
  return head.minor_version == 1 && fields.count(FieldName::upgrade) == 1 &&
         http::lists(fields, FieldName::connection, "upgrade") &&
         may_tunnel(fields.value(FieldName::upgrade));
}

/// True for the fields that name the page that sent the request. It was admitted here, but the API
/// does not know it and would refuse it.
bool names_page(const Field& field, const Request& request) {
  if (field.id == FieldName::origin) return true;
  if (field.id != FieldName::referer) return false;
  const auto on = [&](std::string_view origin) {
    if (origin.empty() || !base::istarts_with(field.value, origin)) return false;
    const std::string_view rest = field.value.substr(origin.size());
    return rest.empty() || rest.find_first_of("/?#") == 0;
  };
  return on(request.origin()) || on(request.page);
}

/// Turns our own addresses (in Destination, in the tags of If and Link, in fields that a setting
/// names) into the upstreams'; nullopt: leave the value as it came.
std::optional<std::string> ours(const Field& field, const RouteOptions& route,
                                const Request& request) {
  const bool tagged = field.value.starts_with('<');
  const bool named = route.holds_addresses(field.name);
  const bool path_alone = field.id == FieldName::destination && field.value.starts_with('/');
  if (!tagged && !named && !path_alone && !base::istarts_with(field.value, "http://"))
    return std::nullopt;
  const std::string origin = request.origin();
  const auto translate = [&](std::string_view address) {
    return request.address_at_upstream(address, origin);
  };
  if (path_alone) return translate(origin + std::string(field.value));
  if (named) return http::translate_addresses_in(field.value, translate);
  return tagged ? http::translate_tags(field.value, translate) : translate(field.value);
}

/// Makes every line except those of own_fields.h: the client's fields in their order and spelling,
/// then ours, which a `Connection: …` of the client's therefore cannot remove. The view is good
/// until the next call on this thread.
std::string_view upstream_head(const http::RequestHead& head,
                               const http::ConnectionOptions& options, const Admitted& admitted,
                               const Request& request) {
  thread_local std::string out;  // so that a head is put together without an allocation
  out.clear();
  const std::string& host = admitted.route->authority;
  const RouteOptions& route = admitted.route->options;
  const bool plain = route.rewrite_body_links != BodyLinks::off;  // no links in compressed bodies
  const bool relinked = !request.relinked_type.empty();
  out.append(head.method_text).append(" ");
  http::append_target(out, admitted.base_path, admitted.rest);
  out.append(" HTTP/1.1\r\n");
  if (!head.fields.has(FieldName::host)) http::append_field_line(out, "Host", host);
  bool identified = false;  // by the client's own field, in its place
  http::LineCopier lines(out);
  for (const Field& field : head.fields) {
    const bool upgrade = field.id == FieldName::upgrade && request.wants_tunnel;
    if (is_replaced(field, route) || names_page(field, request)) continue;
    if (request.trace && is_replaced(field, *request.trace)) continue;
    if (!upgrade && !http::forwarded(field, options)) continue;
    if (field.id == FieldName::expect && request.expects_continue) continue;  // we have answered it
    if (plain && base::iequals(field.name, "accept-encoding")) continue;
    if (relinked && outdated_by_relinking(field)) continue;
    if (field.id == FieldName::x_request_id) {
      if (field.value != request.id.view()) continue;
      identified = true;
    }
    const auto address = ours(field, route, request);
    lines.copy(field, field.id == FieldName::host ? host
                      : address                   ? *address
                                                  : http::forwarded_value(field));
  }
  lines.finish();
  if (request.framing.kind == http::Framing::Kind::chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
  if (plain) out.append("Accept-Encoding: identity\r\n");
  if (request.wants_tunnel) out.append("Connection: Upgrade\r\n");
  if (request.wants_trailers) out.append("TE: trailers\r\nConnection: TE\r\n");
  if (!identified) out.append("X-Request-Id: ").append(request.id.view()).append("\r\n");
  const bool traced = request.trace && !is_replaced({"traceparent", {}}, route);
  if (traced) append_trace_parent(out, *request.trace);
  out.append(kVia[static_cast<std::size_t>(request.version())]);
  return out;
}

/// Notes where the upstream's head has the target and the id. They are not kept twice, because the
/// request may wait for long.
void note_places(Request& request, std::string_view target) {
  const std::string_view head = request.head;
  request.method_bytes = static_cast<std::uint8_t>(std::min<std::size_t>(head.find(' '), 255));
  const std::string_view line = head.substr(request.method_text().size() + 1);
  const bool same =
      line.size() > target.size() && line[target.size()] == ' ' && line.starts_with(target);
  if (!same) request.target = target;
  // An id of ours is mostly the last but Via.
  const std::size_t behind =
      kVia[static_cast<std::size_t>(request.version())].size() + std::string_view("\r\n").size();
  if (head.size() < behind + RequestId::kBytesMade) return;
  const std::size_t at = head.size() - behind - RequestId::kBytesMade;
  if (head.substr(at, RequestId::kBytesMade) != request.id.view()) return;
  request.id_at = static_cast<std::uint32_t>(at);
  request.id = {};
}

/// The target as the client wrote it, and as the upstream sees it.
std::array<std::string, 2> targets_of(const http::RequestHead& head, const Admitted& admitted) {
  std::array<std::string, 2> targets{std::string(head.target)};
  http::append_target(targets[1], admitted.base_path, admitted.rest);
  return targets;
}

/// True for a client's own token request, by --stub-token, however its path is spelled. A request
/// missed here goes to the upstream, with the client's credentials in it.
bool wants_stub(const http::RequestHead& head, const Admitted& admitted) {
  const std::vector<http::PathPattern>& stubs = admitted.route->options.stub_tokens;
  if (head.method != http::Method::post || stubs.empty()) return false;
  return std::ranges::any_of(targets_of(head, admitted), [&](const std::string& target) {
    const std::string path = http::plain_path(target);
    return std::ranges::any_of(
        stubs, [&](const http::PathPattern& pattern) { return pattern.matches(path); });
  });
}

/// True if the path matches as it is written, or as a server that resolves dot segments reads it.
bool matches_either_way(const http::PathPattern& pattern, std::string_view path) {
  return pattern.matches(path) && pattern.matches(http::plain_path(path));
}

/// The part of a target that logs may show: neither the user information nor the fragment that an
/// absolute URL or a refused target may have.
std::string_view shown_target(std::string_view text) {
  if (!text.starts_with('/')) {
    const std::optional<http::Target> target = http::parse_target(text);
    if (target && target->form == http::TargetForm::absolute) text = target->rest;
  }
  return text.substr(0, text.find('#'));
}

/// True if a server may take another method than the request line's.
bool may_be_another_method(const http::FieldList& fields) {
  return std::ranges::any_of(fields,
                             [](const Field& field) { return http::overrides_method(field.name); });
}

/// True for a POST that only reads, by --read-only-post: its path matches.
bool only_reads(const http::RequestHead& head, const Admitted& admitted) {
  if (head.method != http::Method::post) return false;
  const std::vector<http::PathPattern>& patterns = admitted.route->options.read_only_posts;
  if (patterns.empty()) return false;
  return std::ranges::any_of(targets_of(head, admitted), [&](const std::string& target) {
    return std::ranges::any_of(patterns, [&](const http::PathPattern& pattern) {
      return matches_either_way(pattern, target);
    });
  });
}

}  // namespace

bool may_tunnel(std::string_view upgrade) {
  bool any = false;
  while (const auto protocol = http::next_element(upgrade)) {
    for (const std::string_view unwanted : {"h2", "http/", "tls/"}) {
      if (base::istarts_with(*protocol, unwanted)) return false;
    }
    // A protocol is `name` or `name/version`. Any other spelling may be read in two ways.
    const bool plain =
        std::ranges::all_of(*protocol, [](char c) { return http::is_token_char(c) || c == '/'; });
    if (!plain) return false;
    any = true;
  }
  return any;
}

std::string Request::origin() const {
  return authority.empty() ? "" : "http://" + std::string(authority.view());
}

void read_page(const http::FieldList& fields, const AdmissionRules& rules, Request& request) {
  request.page = served_page(fields, rules);
  request.varies_by_origin = !rules.origins.empty();
}

std::optional<LocalReply> read_request(const http::RequestHead& head, const AdmissionRules& rules,
                                       const RouteTable& routes, Request& request,
                                       const http::CameInAt& came_in_at, const OwnPort& own_port) {
  const http::FieldList& fields = head.fields;
  const std::string_view target = shown_target(head.target);
  request.head = head.method_text;  // for the logs, if it gets no further
  http::ConnectionOptions options;
  HeadFault fault = http::request_framing(head, request.framing);
  if (fault == HeadFault::none) fault = options.read(fields);
  if (fault != HeadFault::none) {
    request.target = target;
    read_page(fields, rules, request);
    return malformed_request(fault);
  }

  request.method = head.method;
  request.http_1_1 = head.minor_version == 1;
  request.keep_alive = http::keep_alive(head.minor_version, fields);
  request.expects_continue =
      request.http_1_1 && base::iequals(fields.value(FieldName::expect), "100-continue");
  request.wants_tunnel = asks_for_tunnel(head);
  request.websocket = request.wants_tunnel && request.framing.bodiless() &&
                      base::iequals(fields.value(FieldName::upgrade), "websocket");
  // A tunnel has no trailers, and a Connection field of its own.
  request.wants_trailers =
      request.http_1_1 && !request.wants_tunnel && http::wants_trailers(fields);
  // A key that stays here, or is empty, does not let the upstream recognise a repetition.
  const http::Field* key = fields.find(FieldName::idempotency_key);
  const bool as_it_says = !may_be_another_method(fields);
  request.idempotent = (as_it_says && http::idempotent(head.method, head.method_text)) ||
                       (key && !key->value.empty() && !options.names(*key));
  request.patience = http::prefer_wait(fields).value_or(request.patience);
  request.grpc = http::is_grpc(fields);
  if (const auto timeout = request.grpc ? http::grpc_timeout(fields) : std::nullopt) {
    request.patience = std::min(*timeout, request.patience);
  }

  std::string_view page;
  Admission admission = admit(head, rules, routes, page, came_in_at, own_port);
  request.page = page;
  request.varies_by_origin = !rules.origins.empty();
  if (auto* refusal = std::get_if<LocalReply>(&admission)) {
    request.target = target;
    return std::move(*refusal);
  }
  const Admitted& admitted = std::get<Admitted>(admission);
  request.route = admitted.route;
  request.routes = &routes;
  request.as_forward_proxy = admitted.as_forward_proxy;
  request.authority = admitted.authority;
  request.wants_stub = wants_stub(head, admitted);
  if (request.wants_stub) {
    request.target = admitted.path;  // the query may hold a secret
    return std::nullopt;
  }
  request.idempotent = request.idempotent || (as_it_says && only_reads(head, admitted));
  if (request.framing.kind != http::Framing::Kind::none &&
      relinked(admitted.route->options, fields)) {
    request.relinked_type = fields.value(FieldName::content_type);
  }
  request.head = upstream_head(head, options, admitted, request);
  note_places(request, target);
  return std::nullopt;
}

}  // namespace bearer::relay
