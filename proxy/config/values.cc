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

/// `redis://`; empty if there is none that we know. What only looks like one may be a secret.
std::string scheme_of(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://", "redis://", "rediss://"}) {
    if (base::istarts_with(url, scheme)) return std::string(scheme);
  }
  return {};
}

/// Hides a password, which a URL may hold although it must not, and keys in its query. The rest is
/// useful to show.
std::string without_secrets(std::string_view url) {
  const std::size_t at = url.rfind('@');
  const std::size_t query = std::min(url.find('?'), url.size());
  // A question mark before an at sign may be part of the password.
  if (at != std::string_view::npos && query < at) return std::string(kHidden);
  const std::string plain = at == std::string_view::npos
                                ? std::string(url.substr(0, query))
                                : scheme_of(url).append(kHidden).append(url.substr(at, query - at));
  return query == url.size() ? plain : plain + without_values(url.substr(query + 1));
}

std::string shown(const Option& option, std::string_view text) {
  constexpr std::size_t kShownBytesMax = 100;
  if (option.secret) return std::string(kHidden);
  std::string plain = option.kind == Kind::url ? without_secrets(text) : std::string(text);
  if (plain.size() > kShownBytesMax) plain = plain.substr(0, kShownBytesMax) + "...";
  std::string quoted;
  base::append_json_string(quoted, plain);
  return quoted;
}

}  // namespace

void inherit(Values& values, const Values& fallback) {
  const bool has_secret = says_where_the_secret_is(values);
  for (const auto& [name, value] : fallback) {
    if (has_secret && (name == "client-secret-file" || name == "client-secret-env")) continue;
    values.try_emplace(name, value);  // copies nothing where there is a value
  }
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

std::string without_secret(const Option& option, std::string_view text) {
  if (option.user_information || option.kind == Kind::url) return without_secrets(text);
  return option.secret ? "set" : std::string(text);
}

std::string describe(const Option& option, const Value& value, std::string_view text) {
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
