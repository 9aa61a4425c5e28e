#include "token/store/store_identity.h"

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/encoding.h"

namespace bearer::token {

std::string store_identity(const CredentialOptions& options, const std::string& key_thumbprint) {
  nlohmann::json decisive{
      options.token_command,
      options.token_url.host.empty() ? "" : options.token_url.text(),
      options.issuer ? options.issuer->text() : "",
      options.client_id,
      static_cast<int>(options.grant),
      options.username,
      options.refresh_token_file,
      options.assertion_file,
      options.service_account_file,
      options.subject_token_file,
      options.scope,
      options.audience,
      options.resources,
      options.token_params,
  };
  // Left out where there is none, so that who runs an older version beside us shares with us.
  if (!key_thumbprint.empty()) decisive.push_back(key_thumbprint);
  constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
  const std::string digest = base::sha256(decisive.dump(-1, ' ', false, kReplace));
  return options.name + "-" + base::hex_encode(digest.substr(0, 16));
}

}  // namespace bearer::token
