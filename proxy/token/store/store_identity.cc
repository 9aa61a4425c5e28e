#include "token/store/store_identity.h"

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/encoding.h"
#include "token/json.h"

namespace bearer::token {

namespace {

/// Returns the less common settings that distinguish credentials; empty if none is set.
std::string further(const CredentialOptions& options) {
  const CredentialOptions usual;
  std::string text;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) text += std::string(name) + "=" + value + "\n";
  };
  add("grant_type", options.grant_type);
  add("token_file", options.token_file);
  add("client_assertion_file", options.client_assertion_file);
  for (const auto& [name, value] : options.assertion_claims) add(name.c_str(), value);
  for (const auto& [name, value] : options.ways.fields) add("field", name);  // its key may rotate
  add("fields_file", options.ways.fields_file);
  if (options.ways.members.token != usual.ways.members.token) {
    add("token", options.ways.members.token);
  }
  if (options.ways.members.expiry != usual.ways.members.expiry) {
    add("expiry", options.ways.members.expiry);
  }
  for (const CredentialOptions& first : options.before) add("before", store_identity(first));
  return text;
}

}  // namespace

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
  // Only if they are set, so that what is already kept stays valid for credentials without them.
  const std::string more = further(options);
  if (!more.empty()) decisive.push_back(more);
  if (!key_thumbprint.empty()) decisive.push_back(key_thumbprint);
  const std::string digest = base::sha256(json_text(decisive));
  return options.name + "-" + base::hex_encode(digest.substr(0, 16));
}

}  // namespace bearer::token
