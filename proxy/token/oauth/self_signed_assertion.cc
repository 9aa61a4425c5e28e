#include "token/oauth/self_signed_assertion.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"
#include "token/json.h"
#include "token/oauth/assertion.h"
#include "token/secret/secret_file.h"

namespace bearer::token {
namespace {

using nlohmann::json;

constexpr const char* kServiceAccount = "service_account_file";

/// With an audience, the request is for a Google ID token, which has no scope.
std::vector<std::pair<std::string, std::string>> claims_of(const CredentialOptions& options) {
  auto claims = options.assertion_claims;
  if (!options.audience.empty()) claims.emplace_back("target_audience", options.audience);
  return claims;
}

base::Result<base::Secret> service_account(const CredentialOptions& options, base::WallTime now) {
  const std::string& path = options.service_account_file;
  const base::Result<base::Secret> file = read_whole_file(path, kServiceAccount);
  if (!file) return file.error();
  json account = parse_json(file->reveal());
  if (base::json_too_deep(file->reveal())) {
    return unusable_file(path, kServiceAccount, std::string(base::kJsonTooDeep));
  }
  const std::string type = account.is_object() ? text_of(account, "type") : std::string();
  if (!type.empty() && type != "service_account") {
    return unusable_file(path, kServiceAccount,
                         "is of the type " + base::printable(type, 40) +
                             ": only a key file of the type service_account can sign" +
                             (type == "external_account"
                                  ? "; give this one with external_account_file, as the preset "
                                    "gcp-workload-identity does"
                                  : ""));
  }
  for (const char* member : {"client_email", "private_key"}) {
    if (account.is_object() && text_member(account, member)) continue;
    return unusable_file(path, kServiceAccount,
                         "is not a service account's key file: it has no " + std::string(member));
  }
  const base::Secret key = take_secret(account, "private_key");
  std::string audience =
      options.assertion_audience.empty() ? text_of(account, "token_uri") : std::string();
  if (audience.empty()) audience = assertion_audience(options);
  const std::string email = text_of(account, "client_email");
  return sign_with_text({.issuer = email,
                         .subject = options.username.empty() ? email : options.username,
                         .audience = std::move(audience),
                         .scope = options.audience.empty() ? options.scope : std::string(),
                         .key_id = text_of(account, "private_key_id"),
                         .claims = claims_of(options)},
                        key, JwsAlgorithm::rs256, path, kServiceAccount, now);
}

}  // namespace

base::Result<base::Secret> self_signed_assertion(const CredentialOptions& options,
                                                 base::WallTime now) {
  if (!options.service_account_file.empty()) return service_account(options, now);
  const base::Result<base::Secret> key = read_whole_file(options.client_key_file, "client_key");
  if (!key) return key.error();
  return sign_with_text({.issuer = options.client_id,
                         .subject = options.username,
                         .audience = assertion_audience(options),
                         .key_id = options.key_id,
                         .claims = options.assertion_claims},
                        *key, options.assertion_algorithm, options.client_key_file, "client_key",
                        now);
}

}  // namespace bearer::token
