// The settings of one credential, which the token engine obeys.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "http/url.h"
#include "net/egress.h"
#include "token/answer_members.h"
#include "token/aws_source.h"
#include "token/secret/secret_file.h"
#include "token/store_options.h"

namespace bearer::token {

enum class Grant {
  client_credentials,
  refresh_token,
  password,
  jwt_bearer,
  token_exchange,
  other,  ///< as grant_type says; empty: none is sent, because the endpoint is not OAuth's
};
enum class ClientAuth {
  client_secret_basic,
  client_secret_post,
  client_secret_jwt,  ///< RFC 7523, signed with the secret
  private_key_jwt,    ///< RFC 7523, signed with client_key_file
  tls_client_auth,    ///< RFC 8705, by the connection's certificate, self-signed or not
  none,
  assertion_file,  ///< RFC 7523, by an assertion that another program makes and rotates
  bearer_jwt,      ///< the Bearer token is a JWT of our own, signed with client_key_file
};
/// The algorithms for an assertion's signature (RFC 7518 section 3.1, RFC 8037).
enum class JwsAlgorithm { by_key, rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, eddsa };
enum class BasicEncoding { form, raw };  ///< form: RFC 6749 section 2.3.1

enum class TokenMethod { post, get };  ///< get: the parameters are in the query
enum class TokenBody { form, json };

/// The ways in which a token endpoint departs from RFC 6749.
struct EndpointWays {
  TokenMethod method = TokenMethod::post;
  TokenBody body = TokenBody::form;
  /// Fields of the request's head. They replace ours of the same name: see add_field().
  std::vector<std::pair<std::string, base::Secret>> fields = {};
  std::string fields_file = {};  ///< lines `Name: value`, read at each request
  AnswerMembers members = {};

  /// Adds `Name: value`. Errc::request_malformed if it has another form, or a name that belongs to
  /// the connection or the framing. The detail says what is wrong, without the value.
  base::Result<void> add_field(std::string_view line);

  bool operator==(const EndpointWays&) const = default;
};

/// The ways to give a client's secret.
inline constexpr std::string_view kSecretSettings =
    "client_secret_file or BEARER_PROXY_CLIENT_SECRET";

struct CredentialOptions {
  std::string name = "default";  ///< its name under `credentials`; in logs
  /// The one setting that contains all that follows, which errors then name; a literal. Empty: each
  /// value has its own setting.
  std::string_view given_by = {};

  /// Sources other than OAuth. If one of them is set, only refresh_margin and the members of `ways`
  /// apply from the rest.
  std::string token_file;                  ///< another program rotates it
  std::vector<std::string> token_command;  ///< program and arguments; its output is the token
  std::vector<std::string> command_environment = {};  ///< `NAME=value`, added to ours
  base::Duration command_timeout = std::chrono::seconds(30);
  std::optional<AwsSource> aws = {};
  /// The variables of our environment that hold secrets. token_command does not get them.
  std::vector<std::string> hidden_variables;

  /// One of them is set: the token endpoint itself, or the issuer by which it is discovered. If
  /// both are, the endpoint is used, and the issuer is the audience of assertions.
  http::Url token_url;
  std::string_view token_url_setting = "token_url";  ///< its name in messages; a literal
  std::optional<http::Url> issuer;
  std::string client_id;
  Grant grant = Grant::client_credentials;
  std::string grant_type;  ///< with Grant::other
  /// The parts of the grant. Each file is read at each token request.
  std::string refresh_token_file;  ///< replaced when the server rotates the token
  std::string username;            ///< of `password`; the subject of an assertion that we sign
  std::string password_file;
  std::string assertion_file, service_account_file;
  std::string subject_token_file;
  std::string subject_token_type = "urn:ietf:params:oauth:token-type:jwt";

  /// The secret is in one of the two, if there is one. The file is read at each token request.
  std::string client_secret_file;
  base::Secret client_secret;
  std::string client_secret_variable;  ///< the variable of our environment that held it, for people
  ClientAuth auth_method = ClientAuth::client_secret_basic;
  std::string client_assertion_file;
  std::string client_assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  BasicEncoding basic_encoding = BasicEncoding::form;
  std::string client_key_file;   ///< PEM or JWK; with client_cert_file it is TLS's key too
  std::string client_cert_file;  ///< PEM: shown to a token endpoint that asks for it
  std::string key_id;            ///< empty: the JWK's own, if any
  JwsAlgorithm assertion_algorithm = JwsAlgorithm::by_key;
  std::string assertion_audience;  ///< empty: the issuer or, if none is known, the token URL
  bool dpop = false;               ///< tokens are bound to a key (RFC 9449), and sent with proofs
  std::string dpop_key_file;       ///< PEM or JWK, P-256 or Ed25519; empty: a new key at each start
  /// Claims of the assertion that we sign. They replace ours of the same name; an empty one is left
  /// out. A value that is a JSON object or array is that; any other is a text.
  std::vector<std::pair<std::string, std::string>> assertion_claims;
  /// Added to the token request if not empty, in this order.
  std::string scope, audience;
  std::vector<std::string> resources;
  std::vector<std::pair<std::string, std::string>> token_params;
  EndpointWays ways;

  /// At most one: another request, sent before each token request. Its token becomes the Bearer
  /// authorization or the subject_token of this one.
  std::vector<CredentialOptions> before;
  bool before_is_subject = false;

  std::vector<std::string> attributes;  ///< members of the response to keep beside the token
  StoreOptions store;                   ///< where its tokens are shared

  base::Duration refresh_margin = std::chrono::seconds(120);
  std::string ca_file;  ///< empty: the system's store
  net::EgressOptions egress;
  base::Duration connect_timeout = std::chrono::seconds(10);
  base::Duration response_timeout = std::chrono::seconds(30);  ///< for the whole answer

  /// Describes where its tokens come from: `https://login.example.com`, `the file /run/token`.
  std::string source_text() const;
  /// The setting or variable that holds the client's proof, for a person who has to check it.
  std::string_view proof_setting() const;
  /// True if a secret of a fetch is from our environment, where no other one can come.
  bool takes_secret_from_environment() const;
  /// The secret files that a fetch reads, and the file of the proofs' key.
  std::vector<SecretFile> secret_files() const;

  bool operator==(const CredentialOptions&) const = default;
};

}  // namespace bearer::token
