#include "token/oauth/oauth_fetcher.h"

#include <unistd.h>

#include <bit>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "token/expiry.h"
#include "token/oauth/client_auth.h"
#include "token/oauth/grant.h"
#include "token/oauth/response.h"
#include "token/oauth/token_form.h"
#include "token/secret/secret_file.h"

namespace bearer::token {

namespace {

/// Said before the first request: a server that rotates takes the token that it was sent out of
/// use. Not refused: many give the same one for ever.
void warn_of_loss(const std::string& refresh_token_file) {
  const std::string directory = directory_of(without_links(refresh_token_file));
  if (::access(directory.c_str(), W_OK | X_OK) == 0) return;
  const std::string reason = std::generic_category().message(errno);
  base::log(
      base::LogLevel::warning,
      "a refresh token that the server rotates could not be saved, and would be lost: let this "
      "process write into the directory of refresh_token_file",
      {{"directory", std::string_view(directory)}, {"reason", std::string_view(reason)}});
}

}  // namespace

OauthFetcher::OauthFetcher(CredentialOptions options, std::unique_ptr<Endpoint> endpoint,
                           const base::Clock& clock, std::unique_ptr<RefreshTokens> refresh_tokens)
    : options_(std::move(options)),
      endpoint_(std::move(endpoint)),
      clock_(clock),
      refresh_tokens_(refresh_tokens
                          ? std::move(refresh_tokens)
                          : std::make_unique<RefreshTokenFile>(options_.refresh_token_file)) {
  if (options_.grant == Grant::refresh_token) warn_of_loss(options_.refresh_token_file);
}

base::Result<Fetched> OauthFetcher::fetch() {
  if (!unsaved_) return request();
  base::Result<Fetched> kept = finish_rotation();
  if (unsaved_) return kept;
  const bool fresh = kept && kept->expires > clock_.now();
  return fresh ? std::move(kept) : request();
}

base::Result<void> OauthFetcher::await_pipes() {
  waits_for_pipe_ = true;
  base::Result<void> came;
  for (const SecretFile& file : options_.secret_files()) {
    if (came) came = await_pipe(file.path, file.setting, cancellation_.descriptor());
  }
  waits_for_pipe_ = false;
  return came;
}

base::Result<Fetched> OauthFetcher::request() {
  const base::Result<void> came = await_pipes();
  if (!came) return came.error();
  TokenForm form;
  const base::Result<void> granted = add_grant(options_, clock_.wall(), *refresh_tokens_, form);
  if (!granted) return granted.error();
  base::Result<base::Secret> authorization = authenticate_client(options_, clock_.wall(), form);
  if (!authorization) return authorization.error();
  const base::Result<Answer> answer =
      endpoint_->post({.authorization = std::move(*authorization), .form = form.encoded()});
  if (!answer) return answer.error();
  base::Result<Fetched> fetched = read(*answer);
  if (!fetched) {
    base::Error failure = fetched.error();
    form.redact(failure.detail);
    fetched = std::move(failure);
  } else {
    // Said in the log: whatever a server puts there.
    for (std::string* said : {&fetched->scope, &fetched->upstream}) {
      form.redact(*said);
      fetched->value.redact(*said);
    }
  }
  if (options_.grant != Grant::refresh_token) return fetched;
  base::Secret rotated = rotated_refresh_token(*answer);
  base::Secret used{std::string(form.value("refresh_token"))};
  if (rotated.empty() || rotated == used) return fetched;
  unsaved_.emplace(Rotation{std::move(rotated), std::move(used), std::move(fetched)});
  return finish_rotation();
}

base::Result<Fetched> OauthFetcher::finish_rotation() {
  const base::Result<void> saved =
      refresh_tokens_->replace(unsaved_->replaces, unsaved_->refresh_token);
  if (!saved) {
    return base::Error{saved.error().code,
                       "the server rotated the refresh token, and the new one cannot be saved: " +
                           saved.error().detail,
                       "let this process write into the directory of refresh_token_file"};
  }
  base::Result<Fetched> fetched = std::move(unsaved_->fetched);
  unsaved_.reset();
  return fetched;
}

void OauthFetcher::cancel() {
  cancellation_.cancel();
  endpoint_->cancel();
}

std::uint64_t OauthFetcher::fingerprint() const {
  std::uint64_t print = 0;
  for (const SecretFile& file : options_.secret_files()) {
    // Rotated, so that two files that swap their places are not taken for unchanged.
    print = std::rotl(print, 7) ^ file_fingerprint(file.path);
  }
  return print;
}

base::Result<Fetched> OauthFetcher::read(const Answer& answer) const {
  base::Result<TokenResponse> response = parse_response(answer, options_.upstream_answer.member);
  if (!response) return response.error();
  return with_expiry(std::move(*response), {answer.sent, answer.wall, answer.date}, clock_,
                     "check the clocks of this machine and of the token endpoint");
}

}  // namespace bearer::token
