// Settings as they were written, before they are interpreted: the text and its origin.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/option_table.h"

namespace bearer::config {

/// The party that set a value.
enum class By {
  person,
  preset,
  fallback,  ///< nobody; it is the default
};

struct Value {
  std::vector<std::string> texts;  ///< one, unless the option repeats
  std::string source;  ///< for people: `--listen`, `BEARER_PROXY_LISTEN`, a file's name, `default`
  std::string block;   ///< `routes[1]`, `credentials.crm`, or empty
  By by = By::person;
};

/// The values by Option::name. A client's secret is never among them: `client-secret-env` names the
/// environment variable that holds it, and `client-secret` does not occur.
using Values = std::map<std::string_view, Value>;

/// The setting that names the environment variable with the client's secret.
inline constexpr std::string_view kSecretVariable = "client-secret-env";

/// Adds the values that `values` lacks. If `values` says where the client's secret is, what
/// `fallback` says about that is left out.
void inherit(Values& values, Values fallback);

/// The defaults of the table.
Values default_values();

/// `max_retries`, or `routes[1].max_retries`: the name of a setting in an error.
std::string setting_name(const Option& option, std::string_view block);

/// True if the value stands for a secret that was found in the environment, in a variable whose
/// name nobody wrote: to people that is `client_secret`, not the setting that names a variable.
bool is_secret_itself(const Option& option, const Value& value);

/// The text as it may be shown: for a secret, and for what may be one in the place of its
/// variable's name, only that it is set, for a URL without user and password and without the values
/// of its query.
std::string without_secret(const Option& option, std::string_view text);

/// `refresh_margin = "abc" (from BEARER_PROXY_REFRESH_MARGIN): `, the start of an error. A long
/// text is shortened, and a text that is or may hold a secret is left out.
std::string describe(const Option& option, const Value& value, std::string_view text);

/// The entries of a comma-separated list, without the blanks around them and without empty ones.
std::vector<std::string> split_list(std::string_view list);

}  // namespace bearer::config
