// JSON from others, and for them: parses it, reads its members, and writes it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/secret.h"
#include "base/utf8.h"

namespace bearer::token {

/// Returns a discarded value, which is no object, if `text` is not JSON or is
/// base::json_too_deep(). The parser's own scratch keeps what it read until that memory is reused;
/// a secret in it cannot be wiped.
inline nlohmann::json parse_json(std::string_view text) {
  if (base::json_too_deep(text)) return nlohmann::json::value_t::discarded;
  return nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
}

/// The same for what a server or a program says: a text that is not UTF-8, as JSON has to be, is
/// read as Latin-1. A name in another member must not cost the token.
inline nlohmann::json parse_answer(std::string_view text) {
  nlohmann::json value = parse_json(text);
  if (!value.is_discarded() || base::is_utf8(text)) return value;
  constexpr std::string_view kMark = "\xef\xbb\xbf";  // a byte order mark
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  std::string utf8 = base::utf8_of_latin1(text);
  value = parse_json(utf8);
  base::wipe(utf8);
  return value;
}

/// The object that stands alone in a list; any other value as it is.
inline nlohmann::json out_of_list(nlohmann::json value) {
  if (!value.is_array() || value.size() != 1 || !value.front().is_object()) return value;
  nlohmann::json only = std::move(value.front());
  return only;
}

/// Writes `value` on one line. Bytes that are not UTF-8, which JSON cannot hold, become U+FFFD: by
/// itself the library throws. Texts whose every byte matters are checked with is_utf8() before.
template <typename Json>
std::string json_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// The text under `name`, in place; null if there is none, or it is not a text. REQUIRES: an
/// object.
inline const std::string* text_member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  const bool text = found != object.end() && found->is_string();
  return text ? &found->get_ref<const std::string&>() : nullptr;
}

/// The same as a copy; empty if there is none.
inline std::string text_of(const nlohmann::json& object, const char* name) {
  const std::string* text = text_member(object, name);
  return text ? *text : std::string();
}

/// Reads a setting's value: a JSON object or array is taken as such, anything else as a text.
inline nlohmann::json json_value(std::string_view text) {
  if (text.starts_with('{') || text.starts_with('[')) {
    nlohmann::json value = parse_json(text);
    if (!value.is_discarded()) return value;
  }
  return text;
}

/// Overwrites every text in it.
inline void wipe_texts(nlohmann::json& value) {
  if (value.is_string()) return base::wipe(value.get_ref<std::string&>());
  if (!value.is_structured()) return;
  for (nlohmann::json& inner : value) wipe_texts(inner);
}

/// Moves the text under `name` out of `object`, which keeps no copy of it. Empty if there is none.
inline base::Secret take_secret(nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return base::Secret();
  auto& text = found->get_ref<std::string&>();
  base::Secret secret{std::string(text)};
  base::wipe(text);
  return secret;
}

}  // namespace bearer::token
