#include "config/values.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace bearer::config {
namespace {

bool says_where_the_secret_is(const Values& values) {
  return values.contains("client-secret-file") || values.contains("client-secret-env");
}

constexpr std::string_view kHidden = "***";

/// True if the text is written as variables are by custom. Another one in the place of a variable's
/// name may be the secret itself.
bool looks_like_variable(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'A' && c <= 'Z') || base::is_digit(c) || c == '_'; };
  const bool words = text.find('_') != text.npos || std::ranges::none_of(text, base::is_digit);
  return words && std::ranges::all_of(text, fits);
}

/// True if the value is never shown.
bool is_secret(const Option& option, std::string_view text) {
  return option.secret || (option.name == kSecretVariable && !looks_like_variable(text));
}

/// `?code=***&api-version=***`
std::string without_values(std::string_view query) {
  std::string plain;
  while (!query.empty()) {
    const std::string_view parameter = base::take_until(query, '&');
    const std::size_t value = parameter.find('=');
    plain.append(plain.empty() ? "?" : "&");
    if (value != std::string_view::npos) plain.append(parameter.substr(0, value + 1));
    plain.append(kHidden);
  }
  return plain;
}

/// Hides a password, which a URL may hold although it must not, and keys in its query. The rest is
/// useful to show.
std::string without_secrets(std::string_view url) {
  if (url.starts_with("file:")) return std::string(url);  // a path may hold any of these signs
  const std::size_t at = url.rfind('@');
  const std::size_t query = std::min(url.find('?'), url.size());
  // A question mark before an at sign may be part of the password.
  if (at != std::string_view::npos && query < at) return std::string(kHidden);
  const std::string plain = at == std::string_view::npos
                                ? std::string(url.substr(0, query))
                                : std::string(kHidden).append(url.substr(at, query - at));
  return query == url.size() ? plain : plain + without_values(url.substr(query + 1));
}

std::string shown(const Option& option, std::string_view text) {
  constexpr std::size_t kShownBytesMax = 100;
  if (is_secret(option, text)) return std::string(kHidden);
  std::string plain = option.kind == Kind::url ? without_secrets(text) : std::string(text);
  if (plain.size() > kShownBytesMax) plain = plain.substr(0, kShownBytesMax) + "...";
  std::string quoted;
  base::append_json_string(quoted, plain);
  return quoted;
}

}  // namespace

void inherit(Values& values, Values fallback) {
  if (says_where_the_secret_is(values)) {
    fallback.erase("client-secret-file");
    fallback.erase("client-secret-env");
  }
  values.merge(fallback);
}

Values default_values() {
  Values values;
  for (const Option& option : option_table()) {
    if (option.default_text.empty()) continue;
    values[option.name] = {{std::string(option.default_text)}, "default", "", By::fallback};
  }
  return values;
}

std::string setting_name(const Option& option, std::string_view block) {
  return block.empty() ? option.key() : std::string(block) + "." + option.key();
}

bool is_secret_itself(const Option& option, const Value& value) {
  return option.name == kSecretVariable && value.texts.front() == value.source;
}

std::string without_secret(const Option& option, std::string_view text) {
  if (option.user_information || option.kind == Kind::url) return without_secrets(text);
  return is_secret(option, text) ? "set" : std::string(text);
}

std::string describe(const Option& option, const Value& value, std::string_view text) {
  if (is_secret_itself(option, value)) return "client_secret (from " + value.source + "): ";
  return setting_name(option, value.block) + " = " + shown(option, text) + " (from " +
         value.source + "): ";
}

std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> entries;
  while (!list.empty()) {
    const std::string_view entry = base::trim(base::take_until(list, ','));
    if (!entry.empty()) entries.emplace_back(entry);
  }
  return entries;
}

}  // namespace bearer::config
