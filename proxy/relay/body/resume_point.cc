#include "relay/body/resume_point.h"

#include <algorithm>

#include "base/text.h"

namespace bearer::relay {
namespace {

using http::Field;
using http::FieldList;
using http::Framing;

/// The value of a field that must not come twice; empty if it is missing or came twice.
std::string_view only_value(const FieldList& fields, std::string_view name) {
  std::string_view value;
  int count = 0;
  for (const Field& field : fields) {
    if (!base::iequals(field.name, name)) continue;
    value = field.value;
    ++count;
  }
  return count == 1 ? value : std::string_view();
}

bool has(const FieldList& fields, std::string_view name) {
  return std::ranges::any_of(fields,
                             [&](const Field& field) { return base::iequals(field.name, name); });
}

/// A strong entity-tag as it stands; empty for a weak one, a malformed one or none.
std::string_view strong_etag(const FieldList& fields) {
  const std::string_view tag = only_value(fields, "etag");
  const bool quoted = tag.size() >= 2 && tag.front() == '"' && tag.back() == '"';
  if (!quoted || tag.substr(1, tag.size() - 2).find('"') != std::string_view::npos) return {};
  return tag;
}

bool identity_coded(const FieldList& fields) {
  if (!has(fields, "content-encoding")) return true;
  return base::iequals(only_value(fields, "content-encoding"), "identity");
}

struct ContentRange {
  std::uint64_t first = 0, last = 0;
  std::optional<std::uint64_t> total;
};

/// `bytes 0-499/1234`, or `/*` where the whole length is not known. nullopt for anything else, and
/// for numbers that contradict each other.
std::optional<ContentRange> content_range(std::string_view value) {
  constexpr std::string_view kUnit = "bytes ";
  if (!base::istarts_with(value, kUnit)) return std::nullopt;
  value.remove_prefix(kUnit.size());
  const std::size_t dash = value.find('-');
  const std::size_t slash = value.find('/');
  if (dash == std::string_view::npos || slash == std::string_view::npos || dash > slash) {
    return std::nullopt;
  }
  const auto first = base::parse_decimal(value.substr(0, dash));
  const auto last = base::parse_decimal(value.substr(dash + 1, slash - dash - 1));
  if (!first || !last || *last < *first || *last >= http::kLengthMax) return std::nullopt;
  ContentRange range{*first, *last, std::nullopt};
  const std::string_view total = value.substr(slash + 1);
  if (total == "*") return range;
  range.total = base::parse_decimal(total);
  if (!range.total || *range.total <= *last) return std::nullopt;
  return range;
}

/// The Content-Range of a 206 with one range that is as long as its body.
std::optional<ContentRange> range_of(const http::ResponseHead& head, const Framing& framing) {
  const auto range = content_range(only_value(head.fields, "content-range"));
  if (head.status != 206 || !range) return std::nullopt;
  if (framing.kind != Framing::Kind::length) return std::nullopt;
  if (framing.length != range->last - range->first + 1) return std::nullopt;
  return range;
}

/// True for a field on which only the whole response may depend, or that we set ourselves.
bool is_condition(std::string_view name) {
  for (const std::string_view condition : {"range", "if-range", "if-match", "if-none-match",
                                           "if-modified-since", "if-unmodified-since"}) {
    if (base::iequals(name, condition)) return true;
  }
  return false;
}

}  // namespace

std::optional<ResumePoint> ResumePoint::of(http::Method method, const http::ResponseHead& head,
                                           const Framing& framing) {
  const std::string_view validator = strong_etag(head.fields);
  if (method != http::Method::get || validator.empty() || !identity_coded(head.fields)) {
    return std::nullopt;
  }
  if (framing.kind != Framing::Kind::length || framing.length == 0) return std::nullopt;
  ResumePoint point;
  if (head.status == 200) {
    point.end_ = framing.length;
    point.total_ = framing.length;
  } else if (const auto range = range_of(head, framing)) {
    point.next_ = range->first;
    point.end_ = range->last + 1;
    point.total_ = range->total;
  } else {
    return std::nullopt;
  }
  point.validator_ = validator;
  return point;
}

std::string ResumePoint::request_head(std::string_view head) const {
  constexpr std::string_view kLineEnd = "\r\n";
  std::string out;
  out.reserve(head.size() + validator_.size() + 80);
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find(kLineEnd));
    head.remove_prefix(std::min(head.size(), line.size() + kLineEnd.size()));
    const bool start_line = out.empty();
    if (!start_line && is_condition(line.substr(0, line.find(':')))) continue;
    out.append(line).append(kLineEnd);
  }
  http::append_field_line(out, "Range",
                          "bytes=" + std::to_string(next_) + "-" + std::to_string(end_ - 1));
  http::append_field_line(out, "If-Range", validator_);
  return out;
}

bool ResumePoint::continued_by(const http::ResponseHead& head, const Framing& framing) const {
  const auto range = range_of(head, framing);
  if (!range || range->first != next_ || range->last + 1 != end_) return false;
  if (total_ && range->total && *range->total != *total_) return false;
  return strong_etag(head.fields) == validator_ && identity_coded(head.fields);
}

}  // namespace bearer::relay
