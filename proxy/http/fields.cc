#include "http/fields.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "http/chars.h"
#include "http/hint_fields.h"

namespace bearer::http {

namespace {

struct Known {
  std::string_view name;
  FieldName id = FieldName::other;
  char initial = '\0';  // of the name, stored beside the others for comparison
};

// Sorted by length, so that a name is compared only with the few of its own length.
constexpr auto kKnown = [] {
  constexpr auto kOwn = std::to_array<Known>({
      {"access-control-allow-origin", FieldName::access_control_allow_origin},
      {"access-control-request-headers", FieldName::access_control_request_headers},
      {"access-control-request-method", FieldName::access_control_request_method},
      {"authorization", FieldName::authorization},
      {"connection", FieldName::connection},
      {"content-length", FieldName::content_length},
      {"content-location", FieldName::content_location},
      {"content_length", FieldName::framing_lookalike},
      {"content-type", FieldName::content_type},
      {"date", FieldName::date},
      {"destination", FieldName::destination},
      {"dpop", FieldName::dpop},
      {"dpop-nonce", FieldName::dpop_nonce},
      {"expect", FieldName::expect},
      {"host", FieldName::host},
      // The draft's name, and those of providers that had one before it.
      {"idempotency-key", FieldName::idempotency_key},
      {"paypal-request-id", FieldName::idempotency_key},
      {"repeatability-request-id", FieldName::idempotency_key},
      {"x-idempotency-key", FieldName::idempotency_key},
      {"keep-alive", FieldName::keep_alive},
      {"link", FieldName::link},
      {"location", FieldName::location},
      {"origin", FieldName::origin},
      {"prefer", FieldName::prefer},
      {"proxy-authenticate", FieldName::proxy_authenticate},
      {"proxy-authentication-info", FieldName::proxy_authentication_info},
      {"proxy-authorization", FieldName::proxy_authorization},
      {"proxy-connection", FieldName::proxy_connection},
      {"proxy-status", FieldName::proxy_status},
      {"ratelimit", FieldName::rate_limit},
      {"ratelimit-policy", FieldName::rate_limit_policy},
      {"referer", FieldName::referer},
      {"refresh", FieldName::refresh},
      {"retry-after", FieldName::retry_after},
      {"sec-fetch-site", FieldName::sec_fetch_site},
      {"server", FieldName::server},
      {"set-cookie", FieldName::set_cookie},
      {"te", FieldName::te},
      {"trailer", FieldName::trailer},
      {"transfer_encoding", FieldName::framing_lookalike},
      {"transfer-encoding", FieldName::transfer_encoding},
      {"upgrade", FieldName::upgrade},
      {"via", FieldName::via},
      {"www-authenticate", FieldName::www_authenticate},
      {"x-request-id", FieldName::x_request_id},
  });
  std::array<Known, kOwn.size() + kHintFields.size()> known;
  auto end = std::ranges::copy(kOwn, known.begin()).out;
  for (const HintField& hint : kHintFields) *end++ = {hint.name, FieldName::hint};
  for (Known& entry : known) entry.initial = entry.name.front();
  std::ranges::sort(known, {}, [](const Known& entry) { return entry.name.size(); });
  return known;
}();
static_assert(static_cast<unsigned>(FieldName::x_request_id) < 64,
              "FieldList keeps a bit for each");

constexpr std::size_t kNameLengthMax = kKnown.back().name.size();

// The names of n bytes begin in kKnown at kFirst[n], and end at kFirst[n + 1].
constexpr auto kFirst = [] {
  std::array<std::uint8_t, kNameLengthMax + 2> first{};
  for (std::size_t length = 0; length < first.size(); ++length) {
    first[length] = static_cast<std::uint8_t>(std::ranges::count_if(
        kKnown, [=](const Known& entry) { return entry.name.size() < length; }));
  }
  return first;
}();

}  // namespace

FieldName field_name(std::string_view text) {
  if (text.empty() || text.size() > kNameLengthMax) return FieldName::other;
  const char initial = base::lower(text.front());
  for (std::size_t i = kFirst[text.size()]; i < kFirst[text.size() + 1]; ++i) {
    if (kKnown[i].initial == initial && base::iequals(kKnown[i].name, text)) {
      return kKnown[i].id;
    }
  }
  return FieldName::other;
}

const Field* FieldList::find(FieldName id) const {
  if (!has(id)) return nullptr;
  return std::find_if(begin(), end(), [=](const Field& field) { return field.id == id; });
}

std::string_view FieldList::value(FieldName id) const {
  const Field* field = find(id);
  return field == nullptr ? std::string_view() : field->value;
}

std::size_t FieldList::count(FieldName id) const {
  if (!has(id)) return 0;
  return static_cast<std::size_t>(
      std::count_if(begin(), end(), [=](const Field& field) { return field.id == id; }));
}

WrittenField read_written_field(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  line = base::trim(line);
  const std::size_t colon = line.find(':');
  WrittenField field{line.substr(0, colon), {}};
  if (colon == line.npos || !is_token(field.name)) {
    field.wrong = "not a field; write Name: value";
    return field;
  }
  field.value = base::trim(line.substr(colon + 1));
  if (!std::ranges::all_of(field.value, is_text_char)) {
    field.wrong.append(field.name)
        .append(" holds a line break, a NUL or another control character");
  }
  return field;
}

std::vector<WrittenLine> written_lines(std::string_view content) {
  std::vector<WrittenLine> lines;
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  // Windows editors put one there
  if (content.starts_with(kByteOrderMark)) content.remove_prefix(kByteOrderMark.size());
  for (int number = 1; !content.empty(); ++number) {
    const std::string_view line = base::take_until(content, '\n');
    const std::string_view text =
        base::trim(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line);
    if (!text.empty() && !text.starts_with('#')) lines.push_back({line, number});
  }
  return lines;
}

}  // namespace bearer::http
