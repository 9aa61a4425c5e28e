#include "relay/body/soap.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "http/head_parser.h"

namespace bearer::relay {
namespace {

using http::FieldName;

bool is_envelope(std::string_view content_type) {
  const std::string_view type = base::trim(base::take_until(content_type, ';'));
  if (base::iequals(type, "text/xml") || base::iequals(type, "application/soap+xml")) return true;
  if (!base::iequals(type, "multipart/related")) return false;
  constexpr std::array<std::string_view, 3> kRoots{"text/xml", "application/soap+xml",
                                                   "application/xop+xml"};
  const std::string parameters = base::to_lower(content_type);
  return std::ranges::any_of(
      kRoots, [&](std::string_view root) { return parameters.find(root) != std::string::npos; });
}

bool is_call(std::string_view head) {
  const std::size_t start_line_end = head.find("\r\n");
  if (start_line_end == std::string_view::npos) return false;
  http::FieldList fields(http::FieldList::kNoLimit);
  const http::HeadFault fault = http::parse_field_lines(head.substr(start_line_end + 2), fields);
  if (fault != http::HeadFault::none) return false;
  return is_envelope(fields.value(FieldName::content_type)) ||
         std::ranges::any_of(fields, [](const http::Field& field) {
           return base::iequals(field.name, "soapaction");
         });
}

}  // namespace

bool is_soap_fault(const http::ResponseHead& response, http::Method method,
                   std::string_view request_head) {
  return response.status == 500 && method == http::Method::post &&
         is_envelope(response.fields.value(FieldName::content_type)) && is_call(request_head);
}

}  // namespace bearer::relay
