#include "relay/head/cors.h"

namespace bearer::relay {

using http::FieldName;

void append_cors_fields(std::string& out, std::string_view origin) {
  if (!origin.empty()) {
    http::append_field_line(out, "Access-Control-Allow-Origin", origin);
    // Without it a page would not see Link, Retry-After or Proxy-Status.
    http::append_field_line(out, "Access-Control-Expose-Headers", "*");
  }
  http::append_field_line(out, "Vary", "Origin");
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
