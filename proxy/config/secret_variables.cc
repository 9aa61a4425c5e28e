#include "config/secret_variables.h"

#include <algorithm>
#include <utility>

#include "config/config_errors.h"
#include "config/option_table.h"
#include "config/presets.h"
#include "config/typed.h"

namespace bearer::config {
namespace {

void add(std::vector<std::string>& variables, std::string variable) {
  if (variable.empty() || std::ranges::find(variables, variable) != variables.end()) return;
  variables.push_back(std::move(variable));
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

}  // namespace bearer::config
