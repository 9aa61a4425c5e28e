#include "token/oauth_fetcher.h"

#include <string_view>
#include <utility>

#include "token/client_auth.h"
#include "token/expiry.h"
#include "token/grant.h"
#include "token/jwt.h"
#include "token/response.h"
#include "token/secret_file.h"

namespace bearer::token {
namespace {

/// A server may quote in error_description what it was sent.
void redact(std::string& text, const base::Secret& secret) {
  const std::string_view hidden = secret.reveal();
  if (hidden.empty()) return;
  for (auto at = text.find(hidden); at != std::string::npos; at = text.find(hidden, at + 3)) {
    text.replace(at, hidden.size(), "***");
  }
}

}  // namespace

OauthFetcher::OauthFetcher(CredentialOptions options, std::unique_ptr<Endpoint> endpoint,
                           const base::Clock& clock)
    : options_(std::move(options)), endpoint_(std::move(endpoint)), clock_(clock) {}

Outcome<Fetched> OauthFetcher::fetch() {
  const Outcome<base::Secret> secret = client_secret(options_);
  if (!secret) return secret.error();
  const Outcome<Answer> answer = endpoint_->post(request(*secret));
  if (!answer) return answer.error();
  Outcome<Fetched> fetched = read(*answer);
  if (fetched) return fetched;
  Failure failure = fetched.error();
  redact(failure.detail, *secret);
  return failure;
}

std::uint64_t OauthFetcher::fingerprint() const {
  return options_.client_secret_file.empty() ? 0 : file_fingerprint(options_.client_secret_file);
}

TokenRequest OauthFetcher::request(const base::Secret& client_secret) const {
  std::vector<http::FormField> form = client_credentials(options_);
  base::Secret authorization = authenticate_client(options_, client_secret, form);
  return {std::move(authorization), base::Secret(http::form_encode(form))};
}

Outcome<Fetched> OauthFetcher::read(const Answer& answer) const {
  Outcome<TokenResponse> response = parse_response(answer);
  if (!response) return response.error();
  const base::Instant expires = expiry({.sent = answer.sent,
                                        .wall = answer.wall,
                                        .expires_in = response->expires_in,
                                        .exp = jwt_expiry(response->access_token.reveal()),
                                        .date = answer.date});
  if (expires <= clock_.now()) {
    return Failure{base::Errc::token_malformed,
                   "the token had expired by the time it came",
                   "check the clocks of this machine and of the token endpoint",
                   {}};
  }
  return Fetched{std::move(response->access_token), answer.sent, expires,
                 std::move(response->scope)};
}

}  // namespace bearer::token
