#include "http/framing.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "http/chars.h"
#include "http/token_list.h"

namespace bearer::http {

namespace {

/// Returns why a Transfer-Encoding other than exactly `chunked` is refused. It is unsupported only
/// if everybody would find the body's end in the same place; otherwise it is malformed.
HeadFault coding_fault(std::string_view codings) {
  std::optional<std::string_view> coding = next_element(codings);
  if (!coding) return HeadFault::coding_malformed;
  bool other = false;
  while (coding) {
    if (!is_token(*coding)) return HeadFault::coding_malformed;
    const bool chunked = base::iequals(*coding, "chunked");
    other |= !chunked;
    coding = next_element(codings);
    if (chunked && coding) return HeadFault::coding_malformed;  // `chunked` has to be the last one
  }
  return other ? HeadFault::coding_unsupported : HeadFault::coding_malformed;
}

HeadFault read_coding(int minor_version, const FieldList& fields, Framing& framing) {
  // RFC 9112 section 6.1: an HTTP/1.0 peer may not know this field, so its framing is in doubt.
  if (minor_version == 0) return HeadFault::coding_on_http_1_0;
  if (fields.count(FieldName::transfer_encoding) > 1) return HeadFault::coding_malformed;
  const std::string_view coding = fields.value(FieldName::transfer_encoding);
  if (!base::iequals(coding, "chunked")) return coding_fault(coding);
  framing = {Framing::Kind::chunked, 0};
  return HeadFault::none;
}

HeadFault read_length(const FieldList& fields, Framing& framing) {
  const std::string_view text = fields.value(FieldName::content_length);
  const bool alike = std::ranges::all_of(fields, [&](const Field& field) {
    return field.id != FieldName::content_length || field.value == text;
  });
  if (!alike) return HeadFault::length_repeated;
  const auto length = base::parse_decimal(text);
  if (!length || *length > kLengthMax) return HeadFault::length_malformed;
  framing = {Framing::Kind::length, *length, fields.count(FieldName::content_length) > 1};
  return HeadFault::none;
}

/// Reads the framing from the two fields alone. `framing` does not change if neither is there.
HeadFault read_fields(int minor_version, const FieldList& fields, Framing& framing) {
  const bool length = fields.has(FieldName::content_length);
  const bool coding = fields.has(FieldName::transfer_encoding);
  if (length && coding) return HeadFault::length_and_coding;
  if (coding) return read_coding(minor_version, fields, framing);
  if (length) return read_length(fields, framing);
  return HeadFault::none;
}

}  // namespace

HeadFault request_framing(const RequestHead& head, Framing& framing) {
  if (head.fields.has(FieldName::framing_lookalike)) return HeadFault::framing_lookalike;
  Framing read{Framing::Kind::none, 0};
  const HeadFault fault = read_fields(head.minor_version, head.fields, read);
  if (fault != HeadFault::none) return fault;
  if (read.odd) return HeadFault::length_repeated;
  framing = read;
  return HeadFault::none;
}

HeadFault response_framing(const ResponseHead& head, Method request_method, Framing& framing) {
  Framing read{Framing::Kind::until_close, 0};
  const HeadFault fault = read_fields(head.minor_version, head.fields, read);
  const bool bodiless = head.status < 200 || head.status == 204 || head.status == 304;
  const bool empty = head.status != 101 && (bodiless || request_method == Method::head);
  if (fault != HeadFault::none && !empty) return fault;

  // `Content-Length: 0` is common and means the same to everybody.
  const bool announced = read.kind == Framing::Kind::chunked ||
                         (read.kind == Framing::Kind::length && read.length > 0);
  // The bytes of the tunnel would be taken for that body.
  if (head.status == 101 && announced) return HeadFault::body_not_allowed;
  if (bodiless || request_method == Method::head) {
    const bool odd = read.odd || fault != HeadFault::none || (bodiless && announced);
    read = {Framing::Kind::none, 0, odd};
  }
  framing = read;
  return HeadFault::none;
}

std::string_view forwarded_value(const Field& field) {
  if (field.id != FieldName::content_length) return field.value;
  const std::size_t zeros = std::min(field.value.find_first_not_of('0'), field.value.size() - 1);
  return field.value.substr(zeros);
}

bool keep_alive(int minor_version, const FieldList& fields) {
  if (!fields.has(FieldName::connection)) return minor_version >= 1;
  if (lists(fields, FieldName::connection, "close")) return false;
  return minor_version >= 1 || lists(fields, FieldName::connection, "keep-alive");
}

}  // namespace bearer::http
