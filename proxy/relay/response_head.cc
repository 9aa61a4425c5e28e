#include "relay/response_head.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "http/hop_by_hop.h"
#include "http/links.h"
#include "http/set_cookie.h"
#include "relay/admission.h"
#include "relay/head/cors.h"
#include "relay/head/relinking.h"

namespace bearer::relay {
namespace {

using http::Field;
using http::FieldName;
using http::Framing;

void append_status_line(std::string& out, const http::ResponseHead& head) {
  char digits[3];
  std::to_chars(digits, digits + sizeof digits, head.status);
  out.append("HTTP/1.1 ").append(digits, sizeof digits).append(" ");
  out.append(head.reason).append("\r\n");
}

/// True for fields whose value looks like an address but says which origin's pages may do what.
bool speaks_of_origins(std::string_view name) {
  return base::istarts_with(name, "access-control-") ||
         base::iequals(name, "timing-allow-origin") || base::iequals(name, "origin");
}

/// Leads an address back to the proxy, or makes a cookie come back; nullopt: leave it as it is.
std::optional<std::string> rewritten(const Field& field, const Request& request) {
  const bool location = field.id == FieldName::location || field.id == FieldName::content_location;
  const bool cookie = field.id == FieldName::set_cookie;
  const bool refresh = field.id == FieldName::refresh;
  const bool address = base::istarts_with(field.value, "http") || field.value.starts_with('<');
  const bool named = request.route->options.holds_addresses(field.name);
  if (!location && !cookie && !refresh && !address && !named) return std::nullopt;
  const std::string origin = request.origin();
  const http::LinkMap map = link_map(*request.route, request.as_forward_proxy, origin);
  if (named) return http::rewrite_addresses_in(field.value, map);
  if (location) return http::rewrite_location(field.value, map);
  if (cookie) return http::rewrite_set_cookie(field.value, map);
  if (refresh) return http::rewrite_refresh(field.value, map);
  if (speaks_of_origins(field.name)) return std::nullopt;
  return http::rewrite_address(field.value, map);
}

/// True if the head states one length, in one or more fields. Without a body nobody has checked it.
bool states_length(const http::FieldList& fields) {
  const std::string_view text = fields.value(FieldName::content_length);
  const auto length = base::parse_decimal(text);
  return length && *length <= http::kLengthMax && !fields.has(FieldName::transfer_encoding) &&
         std::ranges::all_of(fields, [&](const Field& field) {
           return field.id != FieldName::content_length || field.value == text;
         });
}

/// True for a length that must not be forwarded: a second one, that of a status that never has a
/// body, and one in doubt. The length in a 304, or in the answer to a HEAD, stays: it is that of
/// the body that a GET would get.
bool redundant(const Field& field, const http::ResponseHead& head, const Request& request) {
  if (field.id != FieldName::content_length) return false;
  if (&field != head.fields.find(FieldName::content_length)) return true;
  const bool bodiless = head.status < 200 || head.status == 204;
  const bool unchecked = bodiless || head.status == 304 || request.method == http::Method::head;
  if (unchecked && !states_length(head.fields)) return true;
  return bodiless && http::forwarded_value(field) != "0";
}

bool append_fields(std::string& out, const http::ResponseHead& head, const Request& request,
                   bool relinked = false) {
  http::ConnectionOptions options;
  if (options.read(head.fields) != http::HeadFault::none) return false;
  http::LineCopier lines(out);
  for (const Field& field : head.fields) {
    if (!http::forwarded(field, options)) continue;
    if (redundant(field, head, request) || (relinked && outdated_by_relinking(field))) continue;
    // The upstream knows other pages than those that we serve.
    if (!request.page.empty() && speaks_cors(field.name)) continue;
    const std::optional<std::string> value = rewritten(field, request);
    lines.copy(field, value ? std::string_view(*value) : http::forwarded_value(field));
  }
  lines.finish();
  return true;
}

}  // namespace

Framing::Kind delivery_framing(const Request& request, const Framing& framing, bool relinked) {
  const bool unsized = framing.kind == Framing::Kind::chunked ||
                       framing.kind == Framing::Kind::until_close ||
                       (relinked && framing.kind == Framing::Kind::length);
  if (!unsized) return framing.kind;
  // HTTP/1.0 has no chunks. For HTTP/1.1, chunks replace an end that only a close would mark: they
  // cannot be mistaken for a loss.
  return request.http_1_1 ? Framing::Kind::chunked : Framing::Kind::until_close;
}

bool append_response_head(std::string& out, const http::ResponseHead& head, const Request& request,
                          const ResponseFraming& framing_out) {
  append_status_line(out, head);
  if (!append_fields(out, head, request, framing_out.relinked)) return false;
  if (framing_out.framing == Framing::Kind::chunked) out.append("Transfer-Encoding: chunked\r\n");
  if (framing_out.attempts > 1) {
    http::append_field_line(out, "Bearer-Proxy-Attempts", std::to_string(framing_out.attempts));
  }
  if (request.varies_by_origin) append_cors_fields(out, request.page);
  if (framing_out.close) {
    out.append("Connection: close\r\n");
  } else if (!request.http_1_1) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
  return true;
}

bool append_switch_head(std::string& out, const http::ResponseHead& head, const Request& request,
                        int attempts) {
  append_status_line(out, head);
  if (!append_fields(out, head, request)) return false;
  http::append_field_line(out, "Upgrade", head.fields.value(FieldName::upgrade));
  if (attempts > 1) http::append_field_line(out, "Bearer-Proxy-Attempts", std::to_string(attempts));
  out.append("Connection: Upgrade\r\n\r\n");
  return true;
}

bool append_interim_head(std::string& out, const http::ResponseHead& head, const Request& request) {
  append_status_line(out, head);
  if (!append_fields(out, head, request)) return false;
  out.append("\r\n");
  return true;
}

}  // namespace bearer::relay
