#include "config/build.h"

#include <string>

#include "config/checks.h"
#include "config/presets.h"

namespace bearer::config {
namespace {

using token::BasicEncoding;
using token::ClientAuth;
using token::CredentialOptions;
using token::Grant;
using token::JwsAlgorithm;

constexpr Choice kAuthMethods[] = {
    {"client_secret_basic", static_cast<int>(ClientAuth::client_secret_basic)},
    {"client_secret_post", static_cast<int>(ClientAuth::client_secret_post)},
    {"client_secret_jwt", static_cast<int>(ClientAuth::client_secret_jwt)},
    {"private_key_jwt", static_cast<int>(ClientAuth::private_key_jwt)},
    {"tls_client_auth", static_cast<int>(ClientAuth::tls_client_auth)},
    {"bearer_jwt", static_cast<int>(ClientAuth::bearer_jwt)},
    {"none", static_cast<int>(ClientAuth::none)},
};
constexpr Choice kBasicEncodings[] = {
    {"form", static_cast<int>(BasicEncoding::form)},
    {"raw", static_cast<int>(BasicEncoding::raw)},
};
constexpr Choice kAlgorithms[] = {
    {"auto", static_cast<int>(JwsAlgorithm::by_key)},
    {"RS256", static_cast<int>(JwsAlgorithm::rs256)},
    {"RS384", static_cast<int>(JwsAlgorithm::rs384)},
    {"RS512", static_cast<int>(JwsAlgorithm::rs512)},
    {"PS256", static_cast<int>(JwsAlgorithm::ps256)},
    {"PS384", static_cast<int>(JwsAlgorithm::ps384)},
    {"PS512", static_cast<int>(JwsAlgorithm::ps512)},
    {"ES256", static_cast<int>(JwsAlgorithm::es256)},
    {"ES384", static_cast<int>(JwsAlgorithm::es384)},
    {"EdDSA", static_cast<int>(JwsAlgorithm::eddsa)},
};

bool uses_secret(ClientAuth method) {
  return method == ClientAuth::client_secret_basic || method == ClientAuth::client_secret_post ||
         method == ClientAuth::client_secret_jwt;
}

bool has_secret(const Typed& typed) {
  return typed.has("client-secret-file") || typed.has("client-secret-env");
}

/// The only place where a secret is taken from the environment.
base::Secret secret_of_environment(const Typed& typed, const Environment& environment) {
  const std::string variable = typed.text("client-secret-env");
  const auto found = environment.find(variable);
  // As in a file: a line break at its end is no part of it.
  std::string_view line = found == environment.end() ? std::string_view() : found->second;
  line = line.substr(0, line.find_last_not_of("\r\n") + 1);
  if (line.empty()) {
    typed.problem("client-secret-env", variable,
                  "there is no such environment variable, or it is empty; the setting takes the "
                  "variable's name, never the secret");
    return {};
  }
  for (const char c : line) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) continue;
    typed.problem("client-secret-env", variable,
                  "the variable's value holds a line break or another control character");
    return {};
  }
  return base::Secret(std::string(line));
}

void read_secret(const Typed& typed, const Surroundings& around, CredentialOptions& options) {
  const bool file = typed.has("client-secret-file");
  const bool variable = typed.has("client-secret-env");
  if (file && variable) {
    typed.problem("client-secret-file", typed.text("client-secret-file"),
                  "the secret is given a second time, by " +
                      typed.find("client-secret-env")->source + "; keep one of the two");
  } else if (variable) {
    options.client_secret = secret_of_environment(typed, around.environment);
    options.client_secret_variable = typed.text("client-secret-env");
  } else if (file) {
    options.client_secret_file = config::file(typed, "client-secret-file", around);
  } else {
    typed.missing("client-secret-file", ", or the secret itself with BEARER_PROXY_CLIENT_SECRET" +
                                            preset_variable(typed, "client-secret-env", " or "));
  }
}

/// True if a person chose another method beside an assertion. That is a problem, except for the
/// method to which the assertion may belong.
bool given_up(const Typed& typed, ClientAuth said) {
  const bool chosen = typed.find("auth-method")->by == By::person;
  if (!chosen || said == ClientAuth::private_key_jwt) return false;
  typed.problem("auth-method", typed.text("auth-method"),
                "there is a client_assertion_file, too, which is how this client authenticates; "
                "leave one of the two out");
  return true;
}

/// Without a secret, or if the grant itself is the proof, the default method is not meant.
ClientAuth read_method(const Typed& typed, const CredentialOptions& options) {
  const bool by_default = typed.find("auth-method")->by == By::fallback;
  const bool self_sufficient = options.grant != Grant::client_credentials;
  const auto said = typed.choice<ClientAuth>("auth-method", kAuthMethods);
  if (typed.has("client-assertion-file") && !given_up(typed, said)) {
    return ClientAuth::assertion_file;
  }
  if (by_default && self_sufficient && !has_secret(typed)) return ClientAuth::none;
  return said;
}

bool needs_id(const Typed& typed, const CredentialOptions& options) {
  // The assertion itself names the client.
  if (options.auth_method == ClientAuth::assertion_file) return false;
  if (options.auth_method != ClientAuth::none) return true;
  switch (options.grant) {
    case Grant::client_credentials:
    case Grant::refresh_token:
    case Grant::password: return true;
    case Grant::jwt_bearer:
      // If there is no key to sign with either, that was already reported.
      return options.assertion_file.empty() && options.service_account_file.empty() &&
             typed.has("client-key");
    case Grant::token_exchange:
    case Grant::other: return false;
  }
  return true;
}

void read_claims(const Typed& typed, CredentialOptions& options) {
  for (const std::string& claim : typed.texts("assertion-claim")) {
    const std::size_t equals = claim.find('=');
    const std::string name = claim.substr(0, equals);
    if (equals == std::string::npos || name.empty()) {
      typed.problem("assertion-claim", claim, "not of the form NAME=VALUE");
    } else if (name == "iat" || name == "exp" || name == "jti") {
      typed.problem("assertion-claim", claim, name + " is made anew for each assertion");
    } else {
      options.assertion_claims.emplace_back(name, claim.substr(equals + 1));
    }
  }
}

void need(const Typed& typed, std::string_view setting) {
  if (!typed.has(setting)) {
    typed.missing(setting, "; auth_method " + typed.text("auth-method") +
                               typed.by_preset("auth-method") + " needs it");
  }
}

}  // namespace

void read_client_auth(const Typed& typed, const Surroundings& around, CredentialOptions& options) {
  options.auth_method = read_method(typed, options);
  options.basic_encoding = typed.choice<BasicEncoding>("basic-encoding", kBasicEncodings);
  options.assertion_algorithm = typed.choice<JwsAlgorithm>("assertion-algorithm", kAlgorithms);
  options.key_id = typed.text("key-id");
  options.assertion_audience = typed.text("assertion-audience");
  options.client_id = typed.text("client-id");
  if (options.client_id.empty() && needs_id(typed, options)) {
    typed.missing("client-id", preset_variable(typed, "client-id", ", or with "));
  }
  read_claims(typed, options);
  options.client_assertion_type = typed.text("client-assertion-type");
  if (options.auth_method == ClientAuth::assertion_file) {
    options.client_assertion_file = file(typed, "client-assertion-file", around);
  }
  if (uses_secret(options.auth_method)) read_secret(typed, around, options);
  if (options.auth_method == ClientAuth::private_key_jwt ||
      options.auth_method == ClientAuth::bearer_jwt) {
    need(typed, "client-key");
  }
  if (options.auth_method == ClientAuth::tls_client_auth) need(typed, "client-cert");
  read_client_certificate(typed, around, options.client_cert_file, options.client_key_file);
  if (options.client_key_file.empty()) options.client_key_file = file(typed, "client-key", around);
}

void read_client_certificate(const Typed& typed, const Surroundings& around, std::string& cert_file,
                             std::string& key_file) {
  if (!typed.has("client-cert")) return;
  cert_file = file(typed, "client-cert", around);
  if (!typed.has("client-key")) typed.missing("client-key", "; client_cert needs it");
  key_file = file(typed, "client-key", around);
}

}  // namespace bearer::config
