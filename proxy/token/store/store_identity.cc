#include "token/store/store_identity.h"

#include <functional>
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/encoding.h"
#include "base/random.h"
#include "token/json.h"
#include "token/secret/secret_pipe.h"

namespace bearer::token {

namespace {

using Add = std::function<void(const char*, const std::string&)>;

/// Every pipe of a shell has the path of every other one, and its content comes only once. So a
/// credential that is made of one shares with nobody.
void add_pipes(const CredentialOptions& options, const Add& add) {
  for (const std::string& path :
       {options.refresh_token_file, options.assertion_file, options.service_account_file,
        options.subject_token_file, options.client_assertion_file, options.ways.fields_file}) {
    if (is_pipe(path)) add("pipe", base::random_id());
  }
}

void add_aws(const AwsSource& aws, const Add& add) {
  add("aws_region", aws.region);
  add("aws_key_id", aws.keys.id);
  if (aws.keys_url) add("aws_keys", aws.keys_url->text());
  add("aws_verification", aws.verification_url);
  add("aws_audience", aws.audience);
}

/// Returns the less common settings that distinguish credentials; empty if none is set.
std::string further(const CredentialOptions& options) {
  const CredentialOptions usual;
  std::string text;
  const Add add = [&](const char* name, const std::string& value) {
    if (!value.empty()) text += std::string(name) + "=" + value + "\n";
  };
  add("grant_type", options.grant_type);
  add("token_file", options.token_file);
  add("client_assertion_file", options.client_assertion_file);
  for (const auto& [name, value] : options.assertion_claims) add(name.c_str(), value);
  // A field may name a tenant. It may also be a secret, so its value is not written out.
  for (const auto& [name, value] : options.ways.fields) {
    add("field", name + ":" + base::hex_encode(base::sha256(value.reveal())));
  }
  add("fields_file", options.ways.fields_file);
  if (options.ways.members.token != usual.ways.members.token) {
    add("token", options.ways.members.token);
  }
  if (options.ways.members.expiry != usual.ways.members.expiry) {
    add("expiry", options.ways.members.expiry);
  }
  if (options.subject_token_type != usual.subject_token_type) {
    add("subject_token_type", options.subject_token_type);
  }
  add("assertion_audience", options.assertion_audience);
  for (const std::string& variable : options.command_environment) add("command", variable);
  if (options.aws) add_aws(*options.aws, add);
  add_pipes(options, add);
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
