// What a person says about one credential: the settings that the token engine obeys.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "http/url.h"
#include "net/egress.h"
#include "token/secret/secret_file.h"
#include "token/store_options.h"

namespace bearer::token {

enum class Grant { client_credentials, refresh_token, password, jwt_bearer, token_exchange };
enum class ClientAuth {
  client_secret_basic,
  client_secret_post,
  client_secret_jwt,  ///< RFC 7523, signed with the secret
  private_key_jwt,    ///< RFC 7523, signed with client_key_file
  tls_client_auth,    ///< RFC 8705, by the certificate of the connection, self-signed or not
  none,
};
/// How an assertion is signed (RFC 7518 section 3.1, RFC 8037).
enum class JwsAlgorithm { by_key, rs256, ps256, es256, eddsa };
enum class BasicEncoding { form, raw };  ///< form: RFC 6749 section 2.3.1

struct CredentialOptions {
  std::string name = "default";  ///< as it stands under `credentials`; in logs

  /// Sources other than OAuth; where one of them is set, only refresh_margin holds of the rest.
  std::string token_file;                  ///< something else rotates it
  std::vector<std::string> token_command;  ///< program and arguments; its output is the token
  base::Duration command_timeout = std::chrono::seconds(30);
  /// Of our environment, the variables that hold secrets, which token_command does not get.
  std::vector<std::string> hidden_variables;

  /// Either is set: the token endpoint itself, or the issuer by which it is discovered. Where both
  /// are, the endpoint is used, and the issuer is whom assertions are for.
  http::Url token_url;
  std::optional<http::Url> issuer;
  std::string client_id;
  Grant grant = Grant::client_credentials;
  /// What the grant is made of; each file is read at each token request.
  std::string refresh_token_file;  ///< replaced when the server rotates the token
  std::string username;            ///< of `password`; the subject of an assertion that we sign
  std::string password_file;
  std::string assertion_file, service_account_file;
  std::string subject_token_file;
  std::string subject_token_type = "urn:ietf:params:oauth:token-type:jwt";

  /// Where the secret is: at most one of the two is set. The file is read at each token request.
  std::string client_secret_file;
  base::Secret client_secret;
  ClientAuth auth_method = ClientAuth::client_secret_basic;
  BasicEncoding basic_encoding = BasicEncoding::form;
  std::string client_key_file;   ///< PEM or JWK; with client_cert_file it is TLS's key too
  std::string client_cert_file;  ///< PEM: shown to the token endpoint where it asks
  std::string key_id;            ///< empty: the JWK's own, if any
  JwsAlgorithm assertion_algorithm = JwsAlgorithm::by_key;
  std::string assertion_audience;  ///< empty: the issuer or, where none is known, the token URL
  bool dpop = false;               ///< tokens are bound to a key (RFC 9449), and sent with proofs
  std::string dpop_key_file;       ///< PEM or JWK, P-256 or Ed25519; empty: a new key at each start
  /// Added to the token request when not empty, in this order.
  std::string scope, audience;
  std::vector<std::string> resources;
  std::vector<std::pair<std::string, std::string>> token_params;

  std::vector<std::string> attributes;  ///< members of the answer to keep beside the token
  StoreOptions store;                   ///< where its tokens are shared

  base::Duration refresh_margin = std::chrono::seconds(120);
  std::string ca_file;  ///< empty: the system's store
  net::EgressOptions egress;
  base::Duration connect_timeout = std::chrono::seconds(10);
  base::Duration response_timeout = std::chrono::seconds(30);  ///< the whole answer

  /// Where its tokens come from, for a person: `https://login.example.com`, `the file /run/token`.
  std::string origin() const;
  /// Those that a fetch of a token reads, and the key of its proofs.
  std::vector<SecretFile> secret_files() const;

  bool operator==(const CredentialOptions&) const = default;
};

}  // namespace bearer::token
