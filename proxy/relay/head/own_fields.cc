#include "relay/head/own_fields.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.h"
#include "http/hop_by_hop.h"

namespace bearer::relay {
namespace {

constexpr std::string_view kOpenQuote = "=\"";

char folded(char c) {
  return c == '_' ? '-' : base::lower(c);
}

/// True if a client's Authorization holds a token.
bool holds_token(std::string_view value) {
  return base::istarts_with(value, "bearer ") || base::istarts_with(value, "dpop ");
}

bool is_same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, folded, folded);
}

/// Begins the names of fields that tell of a request's way.
constexpr std::string_view kForwarded = "x-forwarded-";

bool wants_space(std::string_view scheme) {
  return !scheme.empty() && !scheme.ends_with('=') && !scheme.ends_with(kOpenQuote);
}

base::Secret before_token(const RouteOptions& options, std::string_view scheme) {
  constexpr std::size_t kLineBytes = 4;  // a colon, a space and the line's end
  std::size_t size = options.auth_field.size() + scheme.size() + kLineBytes;
  for (const FixedField& field : options.fixed_fields)
    size += field.name.size() + field.value.reveal().size() + kLineBytes;
  std::string lines;
  lines.reserve(size);  // growing would leave copies of the secrets
  for (const FixedField& field : options.fixed_fields)
    http::append_field_line(lines, field.name, field.value.reveal());
  lines.append(options.auth_field).append(": ").append(scheme);
  if (wants_space(scheme)) lines += ' ';
  return base::Secret(std::move(lines));
}

}  // namespace

base::Secret before_token(const RouteOptions& options) {
  return before_token(options, options.auth_scheme);
}

base::Secret before_bound_token(const RouteOptions& options) {
  const bool usual = base::iequals(options.auth_scheme, "Bearer");
  return before_token(options, usual ? "DPoP" : options.auth_scheme);
}

std::string_view after_token(const RouteOptions& options) {
  return options.auth_scheme.ends_with(kOpenQuote) ? "\"\r\n\r\n" : "\r\n\r\n";
}

bool is_replaced(const http::Field& field, const RouteOptions& options) {
  if (is_same_name(field.name, options.auth_field) || field.id == http::FieldName::dpop)
    return true;
  if (field.id == http::FieldName::authorization && holds_token(field.value)) return true;
  return std::ranges::any_of(options.fixed_fields, [&](const FixedField& fixed) {
    return is_same_name(field.name, fixed.name);
  });
}

bool is_kept_from_trailers(const http::Field& field, const RouteOptions& options) {
  return http::bound_to_message(field.name) || base::iequals(field.name, "cookie") ||
         base::iequals(field.name, "forwarded") ||
         is_same_name(field.name.substr(0, kForwarded.size()), kForwarded) ||
         is_replaced(field, options);
}

}  // namespace bearer::relay
