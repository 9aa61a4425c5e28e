#include "token/oauth/oauth_fetcher.h"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "token/expiry.h"
#include "token/oauth/client_auth.h"
#include "token/oauth/grant.h"
#include "token/oauth/response.h"
#include "token/oauth/token_form.h"
#include "token/secret/secret_file.h"

namespace bearer::token {

namespace {

/// Logged before the first request: a server that rotates invalidates the token that it was sent.
/// Not an error, because many servers always return the same one.
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

/// A slow answer does not explain a larger difference.
constexpr std::chrono::seconds kSkewMin{20};
/// Larger differences are not distinguished: nanoseconds cannot count to a Date of the year 9999.
constexpr std::chrono::seconds kSkewShown = std::chrono::years(100);

bool signs_assertion(const CredentialOptions& options) {
  return options.auth_method == ClientAuth::private_key_jwt ||
         options.auth_method == ClientAuth::client_secret_jwt ||
         options.auth_method == ClientAuth::bearer_jwt ||
         (options.grant == Grant::jwt_bearer && options.assertion_file.empty());
}

}  // namespace

OauthFetcher::OauthFetcher(CredentialOptions options, std::unique_ptr<Endpoint> endpoint,
                           const base::Clock& clock, std::unique_ptr<RefreshTokens> refresh_tokens,
                           std::unique_ptr<Fetcher> before, std::shared_ptr<const Binding> binding)
    : options_(std::move(options)),
      endpoint_(std::move(endpoint)),
      clock_(clock),
      refresh_tokens_(refresh_tokens
                          ? std::move(refresh_tokens)
                          : std::make_unique<RefreshTokenFile>(options_.refresh_token_file)),
      before_(std::move(before)),
      binding_(std::move(binding)),
      prover_(binding_ ? binding_->prover() : nullptr) {
  if (options_.grant != Grant::refresh_token) return;
  grant_lock_.emplace(options_.refresh_token_file);
  warn_of_loss(options_.refresh_token_file);
}

base::Result<Fetched> OauthFetcher::fetch() {
  if (!grant_lock_) return fetch_locked();
  const base::Result<void> held = grant_lock_->acquire(cancellation_, clock_);
  if (!held) return held.error();
  base::Result<Fetched> fetched = fetch_locked();
  if (!unsaved_) grant_lock_->release();  // otherwise nobody may spend the token in the file
  return fetched;
}

base::Result<Fetched> OauthFetcher::fetch_locked() {
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

base::Error OauthFetcher::before_failed(base::Error failure) const {
  if (options_.before_is_subject) {
    failure.detail = "there is no subject token: " + failure.detail;
  }
  if (!options_.given_by.empty()) failure.fix = "check " + std::string(options_.given_by);
  return failure;
}

base::Result<TokenRequest> OauthFetcher::prepare(TokenForm& form) {
  const base::Result<void> came = await_pipes();
  if (!came) return came.error();
  std::string_view first;
  if (before_) {
    base::Result<Fetched> fetched = before_->fetch();
    if (!fetched) return before_failed(fetched.error());
    first = form.keep(std::move(fetched->value));
  }
  const base::Result<void> granted = add_grant(options_, clock_.wall(), *refresh_tokens_, form);
  if (!granted) return granted.error();
  base::Result<base::Secret> authorization = authenticate_client(options_, clock_.wall(), form);
  if (!authorization) return authorization.error();
  if (before_ && options_.before_is_subject) {
    form.add("subject_token", first);
  } else if (before_) {
    authorization = bearer(first);
  }
  return make_token_request(options_.ways, form, std::move(*authorization));
}

base::Result<Fetched> OauthFetcher::request() {
  std::optional<TokenForm> form;
  const base::Result<Answer> answer = ask(form);
  if (!answer) return answer.error();
  base::Result<Fetched> fetched = read(*answer);
  if (!fetched) {
    base::Error failure = fetched.error();
    form->redact(failure.detail);
    advise(failure, *answer, *form);
    fetched = std::move(failure);
  } else {
    // These texts of the server's go into the log.
    const auto clean = [&](std::string& said) {
      form->redact(said);
      fetched->value.redact(said);
    };
    clean(fetched->scope);
    for (auto& [name, said] : fetched->attributes) clean(said);
  }
  if (options_.grant != Grant::refresh_token) return fetched;
  base::Secret rotated = rotated_refresh_token(*answer, options_.ways.members);
  base::Secret used{std::string(form->value("refresh_token"))};
  if (rotated.empty() || rotated == used) return fetched;
  unsaved_.emplace(Rotation{std::move(rotated), std::move(used), std::move(fetched)});
  return finish_rotation();
}

// Each try has a form of its own, because a server takes an assertion once.
base::Result<Answer> OauthFetcher::ask(std::optional<TokenForm>& form) {
  base::Result<Answer> answer = ask_once(form);
  if (prover_ && answer && wants_nonce(*answer)) answer = ask_once(form);
  return answer;
}

base::Result<Answer> OauthFetcher::ask_once(std::optional<TokenForm>& form) {
  base::Result<TokenRequest> prepared = prepare(form.emplace());
  if (!prepared) return prepared.error();
  prepared->prover = prover_.get();
  prepared->nonce = nonce_;
  base::Result<Answer> answer = post(*prepared);
  if (answer && !answer->dpop_nonce.empty()) nonce_ = answer->dpop_nonce;
  return answer;
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

base::Result<Answer> OauthFetcher::post(const TokenRequest& request) {
  if (options_.grant != Grant::refresh_token) return endpoint_->post(request);
  {
    const std::lock_guard lock(mutex_);
    spending_ = true;
  }
  base::Result<Answer> answer = endpoint_->post(request);
  {
    const std::lock_guard lock(mutex_);
    spending_ = false;
  }
  spent_.notify_all();
  return answer;
}

void OauthFetcher::advise(base::Error& failure, const Answer& answer, const TokenForm& form) const {
  if (!options_.given_by.empty()) failure.fix = "check " + std::string(options_.given_by);
  if (!is_rejection(failure.code)) return;
  if (form.basic_escapes()) {
    failure.fix +=
        "; or set basic_encoding to raw: the id or the secret holds characters that some servers "
        "take as they are only";
  }
  if (!(signs_assertion(options_) || prover_) || !answer.date) return;
  const std::chrono::seconds ahead =
      std::clamp(*answer.date - std::chrono::floor<std::chrono::seconds>(answer.wall), -kSkewShown,
                 kSkewShown);
  if (std::chrono::abs(ahead) < kSkewMin) return;
  failure.fix += "; or set this machine's clock: the server's is " +
                 base::format_duration(std::chrono::abs(ahead)) +
                 (ahead.count() > 0 ? " ahead" : " behind") +
                 ", and an assertion or a proof is good for a minute only";
}

void OauthFetcher::cancel() {
  cancellation_.cancel();
  if (before_) before_->cancel();
  {
    std::unique_lock lock(mutex_);
    spent_.wait_for(lock, kSpendingGrace, [this] { return !spending_; });
  }
  endpoint_->cancel();
}

std::uint64_t OauthFetcher::fingerprint() const {
  std::uint64_t print = 0;
  for (const SecretFile& file : options_.secret_files()) {
    // Rotated, so that two files that change places do not look unchanged.
    print = std::rotl(print, 7) ^ file_fingerprint(file.path);
  }
  return print;
}

base::Result<Fetched> OauthFetcher::read(const Answer& answer) {
  constexpr const char* kFix = "check the clocks of this machine and of the token endpoint";
  base::Result<TokenResponse> response =
      parse_response(answer, options_.attributes, options_.ways.members,
                     binding_ ? TokenUse::dpop : TokenUse::bearer);
  if (!response) return response.error();
  const bool zero = response->lifetime_is_zero;
  const bool dated = response->expires_in || response->expires_at;
  base::Result<Fetched> fetched =
      with_expiry(std::move(*response), {answer.sent, answer.wall, answer.date}, clock_, kFix);
  if (!fetched) return fetched;
  // A server that repeats a token until it ends counts down to 0. Otherwise 0 means no end.
  if (zero && dated_ && dated_->first == fetched->value) {
    fetched->expires = std::min(fetched->expires, dated_->second);
    if (fetched->expires <= clock_.now()) {
      return base::Error{base::Errc::token_malformed,
                         "the token endpoint gave an ended token again", kFix};
    }
  }
  if (dated) dated_.emplace(fetched->value, fetched->expires);
  fetched->binding = binding_;
  return fetched;
}

}  // namespace bearer::token
