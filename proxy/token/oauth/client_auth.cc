#include "token/oauth/client_auth.h"

#include <utility>

#include "base/encoding.h"
#include "http/form.h"
#include "token/oauth/assertion.h"
#include "token/secret/secret_file.h"

namespace bearer::token {
namespace {

std::string encoded(std::string_view text, BasicEncoding encoding) {
  return encoding == BasicEncoding::form ? http::form_encode(text) : std::string(text);
}

base::Secret basic(const CredentialOptions& options, std::string_view client_secret,
                   TokenForm& form) {
  const std::string id = encoded(options.client_id, options.basic_encoding);
  std::string secret = encoded(client_secret, options.basic_encoding);
  if (id != options.client_id || secret != client_secret) form.note_basic_escapes();
  std::string pair;
  pair.reserve(id.size() + 1 + secret.size());  // one allocation: growing would leave copies
  pair.append(id).append(":").append(secret);
  std::string base64 = base::base64_encode(pair);
  std::string value;
  value.reserve(6 + base64.size());
  value.append("Basic ").append(base64);
  for (std::string* copy : {&secret, &pair}) base::wipe(*copy);
  form.keep(base::Secret(std::move(base64)));  // a server may quote it without its scheme
  return base::Secret(std::move(value));
}

void add_assertion(TokenForm& form, const CredentialOptions& options, base::Secret assertion) {
  form.add_unless_empty("client_id", options.client_id);  // optional, but some servers look for it
  form.add("client_assertion_type", options.client_assertion_type);
  form.add("client_assertion", std::move(assertion));
}

using Claims = decltype(CredentialOptions::assertion_claims);

/// `assertion_claims` belong to the grant's assertion instead, if the grant is one.
Assertion about_client(const CredentialOptions& options) {
  return {.issuer = options.client_id,
          .subject = options.client_id,
          .audience = assertion_audience(options),
          .key_id = options.key_id,
          .claims = options.grant == Grant::jwt_bearer ? Claims{} : options.assertion_claims};
}

/// Signs with the client's key, and names its certificate if there is one.
base::Result<base::Secret> signed_with_key(const CredentialOptions& options, Assertion about,
                                           base::WallTime now) {
  const base::Result<base::Secret> text = read_whole_file(options.client_key_file, "client_key");
  if (!text) return text.error();
  if (!options.client_cert_file.empty()) {
    base::Result<std::string> certificate =
        read_certificate(options.client_cert_file, "client_cert");
    if (!certificate) return certificate.error();
    about.certificate = std::move(*certificate);
  }
  return sign_with_text(about, *text, options.assertion_algorithm, options.client_key_file,
                        "client_key", now);
}

/// A JWT of our own: our id is its issuer, and we sign it.
base::Result<base::Secret> bearer_jwt(const CredentialOptions& options, base::WallTime now,
                                      TokenForm& form) {
  constexpr std::chrono::seconds kBackdated{60};  // as GitHub advises
  const base::Result<base::Secret> jwt = signed_with_key(options,
                                                         {.issuer = options.client_id,
                                                          .subject = {},
                                                          .audience = options.assertion_audience,
                                                          .key_id = options.key_id,
                                                          .claims = options.assertion_claims,
                                                          .backdated = kBackdated},
                                                         now);
  if (!jwt) return jwt.error();
  return bearer(form.keep(*jwt));
}

base::Result<base::Secret> by_secret(const CredentialOptions& options, base::WallTime now,
                                     TokenForm& form) {
  base::Result<base::Secret> read = client_secret(options);
  if (!read) return read.error();
  const std::string_view secret = form.keep(*read);
  switch (options.auth_method) {
    case ClientAuth::client_secret_basic: return basic(options, secret, form);
    case ClientAuth::client_secret_jwt: {
      base::Result<base::Secret> assertion =
          sign_assertion(about_client(options), SigningKey::of_secret(*read), now);
      if (!assertion) {
        return base::Error{assertion.error().code, "nothing can be signed with the client secret",
                           "check " + std::string(options.proof_setting())};
      }
      add_assertion(form, options, std::move(*assertion));
      return base::Secret();
    }
    default:  // client_secret_post
      form.add("client_id", options.client_id);
      form.add("client_secret", secret);
      return base::Secret();
  }
}

}  // namespace

base::Secret bearer(std::string_view token) {
  constexpr std::string_view kScheme = "Bearer ";
  std::string value;
  value.reserve(kScheme.size() + token.size());
  value.append(kScheme).append(token);
  return base::Secret(std::move(value));
}

base::Result<base::Secret> client_secret(const CredentialOptions& options) {
  if (!options.client_secret_file.empty()) {
    return read_secret_file(options.client_secret_file, "client_secret_file");
  }
  if (has_control(options.client_secret.reveal())) {
    return base::Error{base::Errc::file_unreadable,
                       "the client secret from the environment holds a control character",
                       "check " + std::string(options.proof_setting())};
  }
  return options.client_secret;
}

base::Result<base::Secret> authenticate_client(const CredentialOptions& options, base::WallTime now,
                                               TokenForm& form) {
  switch (options.auth_method) {
    case ClientAuth::client_secret_basic:
    case ClientAuth::client_secret_post:
    case ClientAuth::client_secret_jwt: return by_secret(options, now, form);
    case ClientAuth::private_key_jwt:
    case ClientAuth::assertion_file: {
      base::Result<base::Secret> assertion =
          options.auth_method == ClientAuth::assertion_file
              ? read_secret_file(options.client_assertion_file, "client_assertion_file")
              : signed_with_key(options, about_client(options), now);
      if (!assertion) return assertion.error();
      add_assertion(form, options, std::move(*assertion));
      break;
    }
    case ClientAuth::bearer_jwt: return bearer_jwt(options, now, form);
    case ClientAuth::tls_client_auth:
    case ClientAuth::none: form.add_unless_empty("client_id", options.client_id); break;
  }
  return base::Secret();
}

}  // namespace bearer::token
