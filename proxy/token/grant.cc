#include "token/grant.h"

namespace bearer::token {

std::vector<http::FormField> client_credentials(const CredentialOptions& options) {
  std::vector<http::FormField> form{{"grant_type", "client_credentials"}};
  if (!options.scope.empty()) form.push_back({"scope", options.scope});
  if (!options.audience.empty()) form.push_back({"audience", options.audience});
  for (const std::string& resource : options.resources) form.push_back({"resource", resource});
  for (const auto& [name, value] : options.token_params) form.push_back({name, value});
  return form;
}

}  // namespace bearer::token
