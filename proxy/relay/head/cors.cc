#include "relay/head/cors.h"

#include "base/text.h"
#include "http/chars.h"
#include "http/hop_by_hop.h"

namespace bearer::relay {

using http::FieldName;

namespace {

/// The names of the fields in `head`, separated by commas. A `*` names none where a request has
/// credentials.
std::string names_in(std::string_view head, std::string_view others) {
  std::string names(others);
  while (!head.empty()) {
    const std::string_view line = base::take_until(head, '\n');
    const std::string_view name = line.substr(0, line.find(':'));
    const bool field = name.size() < line.size() && http::is_token(name);
    const FieldName id = http::field_name(name);
    if (!field || id == FieldName::set_cookie || http::hop_by_hop(id)) continue;
    if (!names.empty()) names += ", ";
    names += name;
  }
  return names;
}

}  // namespace

void append_cors_fields(std::string& out, std::string_view origin, std::string_view others) {
  if (!origin.empty()) {
    // Without it a page would not see Link, Retry-After or Proxy-Status.
    const std::string exposed = names_in(out, others);
    http::append_field_line(out, "Access-Control-Allow-Origin", origin);
    http::append_field_line(out, "Access-Control-Allow-Credentials", "true");
    if (!exposed.empty()) http::append_field_line(out, "Access-Control-Expose-Headers", exposed);
  }
  http::append_field_line(out, "Vary", "Origin");
}

bool speaks_cors(std::string_view name) {
  return base::istarts_with(name, "access-control-");
}

bool is_preflight(const http::RequestHead& head) {
  return head.method == http::Method::options && head.fields.has(FieldName::origin) &&
         !head.fields.value(FieldName::access_control_request_method).empty();
}

std::string preflight_fields(const http::FieldList& asked) {
  std::string lines;
  http::append_field_line(lines, "Access-Control-Allow-Methods",
                          asked.value(FieldName::access_control_request_method));
  http::append_field_line(lines, "Access-Control-Max-Age", "600");
  if (const http::Field* fields = asked.find(FieldName::access_control_request_headers)) {
    http::append_field_line(lines, "Access-Control-Allow-Headers", fields->value);
  }
  return lines;
}

}  // namespace bearer::relay
