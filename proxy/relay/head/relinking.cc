#include "relay/head/relinking.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace bearer::relay {
namespace {

using http::BodySyntax;
using http::FieldName;

constexpr int kPartialContent = 206;

bool is_encoded(const http::FieldList& fields) {
  return std::ranges::any_of(fields, [](const http::Field& field) {
    return base::iequals(field.name, "content-encoding") && !base::iequals(field.value, "identity");
  });
}

bool linked_as_any(const RouteOptions& route, const http::FieldList& fields, BodySyntax& syntax) {
  // If it is off, no response pays for it.
  if (route.rewrite_body_links == BodyLinks::off) return false;
  if (fields.count(FieldName::content_type) != 1 || is_encoded(fields)) return false;
  syntax = linked_syntax(route, fields.value(FieldName::content_type));
  return syntax != BodySyntax::other;
}

}  // namespace

BodySyntax linked_syntax(const RouteOptions& route, std::string_view content_type) {
  const BodyLinks wanted = route.rewrite_body_links;
  if (wanted == BodyLinks::off) return BodySyntax::other;
  const BodySyntax syntax = http::body_syntax(content_type);
  const bool left = (syntax == BodySyntax::markup && wanted != BodyLinks::all) ||
                    (syntax == BodySyntax::batch && http::multipart_boundary(content_type).empty());
  return left ? BodySyntax::other : syntax;
}

bool relinked(const RouteOptions& route, const http::ResponseHead& head) {
  BodySyntax syntax;
  return head.status != kPartialContent && linked_as_any(route, head.fields, syntax);
}

bool has_links_unasked(const RouteOptions& route, const http::ResponseHead& head) {
  if (route.rewrite_body_links != BodyLinks::off) return false;
  const bool whole = head.status >= 200 && head.status < 300 && head.status != kPartialContent;
  return whole && head.fields.count(FieldName::content_type) == 1 && !is_encoded(head.fields) &&
         http::body_syntax(head.fields.value(FieldName::content_type)) == BodySyntax::json;
}

bool relinked(const RouteOptions& route, const http::FieldList& fields) {
  BodySyntax syntax;
  return linked_as_any(route, fields, syntax) && syntax != BodySyntax::markup;
}

bool outdated_by_relinking(const http::Field& field) {
  constexpr std::array<std::string_view, 5> kNames{"content-md5", "digest", "content-digest",
                                                   "repr-digest", "accept-ranges"};
  return field.id == FieldName::content_length ||
         std::ranges::any_of(
             kNames, [&](std::string_view name) { return base::iequals(field.name, name); });
}

}  // namespace bearer::relay
