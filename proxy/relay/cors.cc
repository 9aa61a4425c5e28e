#include "relay/cors.h"

namespace bearer::relay {

using http::FieldName;

void append_cors_fields(std::string& out, std::string_view origin) {
  out.append("Access-Control-Allow-Origin: ").append(origin);
  // Without it a page would not see Link, Retry-After or Proxy-Status.
  out.append("\r\nAccess-Control-Expose-Headers: *\r\nVary: Origin\r\n");
}

bool is_preflight(const http::RequestHead& head) {
  return head.method == http::Method::options && head.fields.has(FieldName::origin) &&
         !head.fields.value(FieldName::access_control_request_method).empty();
}

std::string preflight_fields(const http::FieldList& asked) {
  std::string lines = "Access-Control-Allow-Methods: ";
  lines += asked.value(FieldName::access_control_request_method);
  lines += "\r\nAccess-Control-Max-Age: 600\r\n";
  if (const http::Field* fields = asked.find(FieldName::access_control_request_headers)) {
    lines.append("Access-Control-Allow-Headers: ").append(fields->value).append("\r\n");
  }
  return lines;
}

}  // namespace bearer::relay
