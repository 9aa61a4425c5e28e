#include "config/secret_variables.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "config/config_errors.h"
#include "config/option_table.h"
#include "config/presets.h"
#include "config/typed.h"
#include "config/user_information.h"

namespace bearer::config {
namespace {

void add(std::vector<std::string>& list, std::string one) {
  if (one.empty() || std::ranges::find(list, one) != list.end()) return;
  list.push_back(std::move(one));
}

/// True for `X-Api-Key`, `refresh_token` and the like, not for `subject_token_type`.
bool names_secret(std::string_view name) {
  constexpr std::array<std::string_view, 10> kEnds{
      "secret", "password",  "passwd",        "passphrase", "credential",
      "token",  "assertion", "authorization", "cookie",     "key"};
  const std::string lower = base::to_lower(base::trim(name));
  return std::ranges::any_of(kEnds, [&](std::string_view end) { return lower.ends_with(end); });
}

/// The setting if `text` holds a secret in it; empty if not.
std::string secret_in(const Option& option, std::string_view text) {
  if (option.user_information) {
    const bool url = text.find("://") != std::string_view::npos;
    std::string plain(text);
    return url && !take_user_information(plain).password.empty() ? option.key() : "";
  }
  if (option.name != "token-param" && option.name != "token-header" &&
      option.name != "set-header") {
    return {};
  }
  const std::string_view name = base::take_until(text, option.name == "token-param" ? '=' : ':');
  return names_secret(name) && !base::trim(text).empty() ? option.key() + " " + std::string(name)
                                                         : "";
}

}  // namespace

void add_secret_variables(const Block& credential, std::vector<std::string>& variables) {
  for (const Option& option : option_table()) {
    if (option.secret && option.can_be(kEnvironment)) add(variables, option.environment());
  }
  ConfigErrors problems;  // build_credential() has reported them
  const Typed typed(credential.values, credential.label, problems);
  add(variables, typed.text("client-secret-env"));
  add(variables, preset_variable(typed, "client-secret-env", ""));
}

void add_secrets_in_file(const Values& values, std::string_view file,
                         std::vector<std::string>& settings) {
  for (const auto& [name, value] : values) {
    if (value.by != By::person || value.source != file) continue;
    for (const std::string& text : value.texts) {
      add(settings, secret_in(*find_option(name), text));
    }
  }
}

}  // namespace bearer::config
