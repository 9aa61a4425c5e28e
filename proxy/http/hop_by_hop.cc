#include "http/hop_by_hop.h"

#include <algorithm>
#include <initializer_list>
#include <span>

#include "base/text.h"
#include "http/token_list.h"

namespace bearer::http {
namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  const auto fold = [](char c) { return c == '_' ? '-' : base::lower(c); };
  return std::ranges::any_of(
      names, [&](std::string_view one) { return std::ranges::equal(name, one, {}, fold, fold); });
}

}  // namespace

HeadFault ConnectionOptions::read(const FieldList& fields) {
  size_ = 0;
  if (!fields.has(FieldName::connection)) return HeadFault::none;
  for (const Field& field : fields) {
    if (field.id != FieldName::connection) continue;
    std::string_view rest = field.value;
    while (const auto option = next_element(rest)) {
      const FieldName id = field_name(*option);
      if (hop_by_hop(id) || id == FieldName::content_length || id == FieldName::host) continue;
      if (size_ == options_.size()) return HeadFault::options_too_many;
      options_[size_++] = *option;
    }
  }
  return HeadFault::none;
}

bool ConnectionOptions::lists(std::string_view name) const {
  const std::span options(options_.data(), size_);
  return std::ranges::any_of(options,
                             [&](std::string_view option) { return base::iequals(option, name); });
}

bool overrides_method(std::string_view name) {
  if (!name.starts_with('x') && !name.starts_with('X')) return false;
  return is_one_of(name, {"x-http-method-override", "x-http-method", "x-method-override"});
}

bool overrides_target(std::string_view name) {
  return is_one_of(name, {"x-original-url", "x-rewrite-url", "x-original-uri", "x-override-url",
                          "x-forwarded-uri"});
}

bool bound_to_message(std::string_view name) {
  switch (const FieldName id = field_name(name)) {
    case FieldName::content_length:
    case FieldName::dpop:
    case FieldName::expect:
    case FieldName::framing_lookalike:
    case FieldName::host:
    case FieldName::idempotency_key:
    case FieldName::via:
    case FieldName::x_request_id: return true;
    default:
      return hop_by_hop(id) || overrides_method(name) || overrides_target(name) ||
             is_one_of(name, {"if-match", "if-modified-since", "if-none-match", "if-range",
                              "if-unmodified-since", "range"});
  }
}

bool forwarded_in_trailers(const Field& field) {
  switch (field.id) {
    case FieldName::authorization:
    case FieldName::content_length:
    case FieldName::content_location:
    case FieldName::content_type:
    case FieldName::expect:
    case FieldName::host:
    case FieldName::idempotency_key:
    case FieldName::location:
    case FieldName::origin:
    case FieldName::prefer:
    case FieldName::retry_after:
    case FieldName::www_authenticate: return false;
    default: return !hop_by_hop(field.id);
  }
}

bool wants_trailers(const FieldList& fields) {
  return lists(fields, FieldName::te, "trailers");
}

}  // namespace bearer::http
