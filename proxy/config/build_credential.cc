#include "config/build.h"
#include "config/checks.h"
#include "config/presets.h"
#include "config/typed.h"

namespace bearer::config {
namespace {

using token::BasicEncoding;
using token::ClientAuth;

constexpr Choice kGrants[] = {{"client_credentials", 0}};
constexpr Choice kAuthMethods[] = {
    {"client_secret_basic", static_cast<int>(ClientAuth::client_secret_basic)},
    {"client_secret_post", static_cast<int>(ClientAuth::client_secret_post)},
};
constexpr Choice kBasicEncodings[] = {
    {"form", static_cast<int>(BasicEncoding::form)},
    {"raw", static_cast<int>(BasicEncoding::raw)},
};

const Preset* preset_of(const Typed& typed) {
  return typed.has("preset") ? find_preset(typed.text("preset")) : nullptr;
}

/// The one place where a secret is taken out of the environment.
base::Secret secret_of_environment(const Typed& typed, const Environment& environment) {
  const std::string variable = typed.text("client-secret-env");
  const auto found = environment.find(variable);
  if (found == environment.end() || found->second.empty()) {
    typed.problem("client-secret-env", variable,
                  "there is no such environment variable, or it is empty");
    return {};
  }
  for (const char c : found->second) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) continue;
    typed.problem("client-secret-env", variable,
                  "the variable's value holds a line break or another control character");
    return {};
  }
  return base::Secret(found->second);
}

void read_secret(const Typed& typed, const Surroundings& around,
                 token::CredentialOptions& options) {
  const bool file = typed.has("client-secret-file");
  const bool variable = typed.has("client-secret-env");
  if (file && variable) {
    typed.problem("client-secret-file", typed.text("client-secret-file"),
                  "the secret is given a second time, by " +
                      typed.find("client-secret-env")->source + "; keep one of the two");
  } else if (variable) {
    options.client_secret = secret_of_environment(typed, around.environment);
  } else if (file) {
    options.client_secret_file = typed.text("client-secret-file");
    check_file(typed, "client-secret-file", around);
  } else {
    const Preset* preset = preset_of(typed);
    typed.missing("client-secret-file",
                  ", or the secret itself with BEARER_PROXY_CLIENT_SECRET" +
                      (preset == nullptr ? std::string()
                                         : " or " + std::string(preset->client_secret_variable)));
  }
}

void read_token_params(const Typed& typed, token::CredentialOptions& options) {
  for (const std::string& param : typed.texts("token-param")) {
    const std::size_t equals = param.find('=');
    const std::string name = param.substr(0, equals);
    if (equals == std::string::npos || name.empty()) {
      typed.problem("token-param", param, "not of the form NAME=VALUE");
    } else if (name == "grant_type" || name == "client_id" || name == "client_secret") {
      typed.problem("token-param", param, name + " has a setting of its own");
    } else {
      options.token_params.emplace_back(name, param.substr(equals + 1));
    }
  }
}

}  // namespace

token::CredentialOptions build_credential(const Block& block, const Surroundings& around,
                                          Problems& problems) {
  using namespace std::chrono_literals;
  const Typed typed(block.values, block.label, problems);
  token::CredentialOptions options;
  options.name = block.name;
  if (!typed.has("token-url")) typed.missing("token-url", ", or use --preset");
  if (const auto url = typed.url("token-url")) {
    options.token_url = *url;
    check_transport(typed, "token-url", *url, around);
  }
  options.client_id = typed.text("client-id");
  if (options.client_id.empty()) {
    const Preset* preset = preset_of(typed);
    typed.missing("client-id",
                  preset == nullptr ? "" : ", or with " + std::string(preset->client_id_variable));
  }
  read_secret(typed, around, options);
  typed.choice<int>("grant", kGrants);
  options.auth_method = typed.choice<ClientAuth>("auth-method", kAuthMethods);
  options.basic_encoding = typed.choice<BasicEncoding>("basic-encoding", kBasicEncodings);
  options.scope = typed.text("scope");
  options.audience = typed.text("audience");
  options.resources = typed.texts("resource");
  read_token_params(typed, options);
  options.refresh_margin = typed.duration("refresh-margin", 1ms);
  options.connect_timeout = typed.duration("connect-timeout", 1ms);
  options.ca_file = typed.text("ca-file");
  check_file(typed, "ca-file", around);
  return options;
}

}  // namespace bearer::config
