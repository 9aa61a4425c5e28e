#include "http/challenge.h"

#include <algorithm>

#include "base/text.h"
#include "http/chars.h"
#include "http/quoted_string.h"

namespace bearer::http {
namespace {

/// Takes the scheme off an element that begins a challenge: `Bearer realm="x"`. Returns an empty
/// view and takes nothing if the element belongs to the challenge before it: `error="x"`.
std::string_view take_scheme(std::string_view& element) {
  std::size_t end = 0;
  while (end < element.size() && is_token_char(element[end])) ++end;
  const std::string_view rest = base::trim(element.substr(end));
  if (rest.starts_with('=')) return {};
  const std::string_view scheme = element.substr(0, end);
  element = rest;
  return scheme;
}

/// Calls `begin(scheme)` for each challenge and `add(parameter)` for each parameter of the current
/// one. A token68 is passed as a parameter, which no caller knows.
template <typename Begin, typename Add>
void walk(const FieldList& fields, Begin begin, Add add) {
  for (const Field& field : fields) {
    if (field.id != FieldName::www_authenticate) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      std::string_view element = take_element(rest, ',');
      const std::string_view scheme = take_scheme(element);
      if (!scheme.empty()) begin(scheme);
      if (!element.empty()) add(split_parameter(element));
    }
  }
}

std::string printable(std::string_view value) {
  std::string text = unquote(value);
  for (char& c : text) {
    if (c != ' ' && !is_visible_char(c)) c = '?';
  }
  return text;
}

void read(const Parameter& parameter, BearerChallenge& challenge) {
  if (base::iequals(parameter.name, "error")) challenge.error = printable(parameter.value);
  if (base::iequals(parameter.name, "scope")) challenge.scope = printable(parameter.value);
  if (base::iequals(parameter.name, "error_description")) {
    challenge.description = printable(parameter.value);
  }
}

bool any_error(const FieldList& fields, std::string_view error) {
  bool found = false;
  walk(
      fields, [](std::string_view) {},
      [&](const Parameter& parameter) {
        found =
            found || (base::iequals(parameter.name, "error") && unquote(parameter.value) == error);
      });
  return found;
}

}  // namespace

std::optional<BearerChallenge> bearer_challenge(const FieldList& fields) {
  std::optional<BearerChallenge> chosen;
  bool reading = false;  // the current challenge is the chosen one
  walk(
      fields,
      [&](std::string_view scheme) {
        const bool of_token = base::iequals(scheme, "Bearer") || base::iequals(scheme, "DPoP");
        reading = of_token && (!chosen || chosen->error.empty());
        if (reading) chosen.emplace();
      },
      [&](const Parameter& parameter) {
        if (reading) read(parameter, *chosen);
      });
  return chosen;
}

bool insufficient_scope(const FieldList& fields) {
  return any_error(fields, "insufficient_scope");
}

bool invalid_token(const FieldList& fields) {
  return any_error(fields, "invalid_token");
}

bool wants_dpop_nonce(const FieldList& fields) {
  return any_error(fields, "use_dpop_nonce");
}

std::string_view dpop_nonce(const FieldList& fields) {
  if (fields.count(FieldName::dpop_nonce) != 1) return {};
  const std::string_view nonce = fields.value(FieldName::dpop_nonce);
  const bool sound = nonce.size() <= kDpopNonceBytesMax && std::ranges::all_of(nonce, [](char c) {
                       return is_visible_char(c) && c != '"' && c != '\\';
                     });
  return sound ? nonce : std::string_view();
}

}  // namespace bearer::http
