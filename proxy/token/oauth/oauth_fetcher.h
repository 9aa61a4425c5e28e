// Gets a token from an OAuth 2.0 token endpoint: sends grant and client authentication, and reads
// the token with its expiry.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/cancellation.h"
#include "base/clock.h"
#include "token/credential.h"
#include "token/fetcher.h"
#include "token/oauth/endpoint.h"
#include "token/oauth/token_form.h"
#include "token/store/grant_lock.h"
#include "token/store/refresh_tokens.h"

namespace bearer::token {

/// The time that a shutdown waits for the answer to a refresh token. A lost answer may hold the
/// only token that is good from then on.
inline constexpr base::Duration kSpendingGrace = std::chrono::seconds(5);

class OauthFetcher final : public Fetcher {
 public:
  /// `clock` must outlive the fetcher. Null `refresh_tokens`: they are in refresh_token_file.
  /// `before` gets the token of the request that comes first, if `options` have one. Null
  /// `binding`: tokens are Bearer's.
  OauthFetcher(CredentialOptions options, std::unique_ptr<Endpoint> endpoint,
               const base::Clock& clock, std::unique_ptr<RefreshTokens> refresh_tokens = {},
               std::unique_ptr<Fetcher> before = {}, std::shared_ptr<const Binding> binding = {});

  /// A rotated refresh token is saved before the access token that came with it is returned. If it
  /// cannot be written (file_unwritable), both are kept, and the next fetch tries to write again
  /// before it sends any request.
  base::Result<Fetched> fetch() override;
  std::uint64_t fingerprint() const override;
  bool waits_for_another() const override { return grant_lock_ && grant_lock_->waits(); }
  bool waits_for_pipe() const override {
    return waits_for_pipe_ || (before_ && before_->waits_for_pipe());
  }
  /// Lets a request that spends a refresh token finish, for kSpendingGrace.
  void cancel() override;

 private:
  /// A refresh token that is not saved yet, and what came with it.
  struct Rotation {
    base::Secret refresh_token;
    base::Secret replaces;
    base::Result<Fetched> fetched;
  };

  base::Result<void> await_pipes();
  base::Result<Fetched> fetch_locked();
  base::Result<Fetched> request();
  /// Reads the request's parts, and fills in the form.
  base::Result<TokenRequest> prepare(TokenForm& form);
  base::Error before_failed(base::Error failure) const;
  /// Sends the request; a second time if the first proof lacked the server's nonce. `form` is the
  /// one that was sent last.
  base::Result<Answer> ask(std::optional<TokenForm>& form);
  base::Result<Answer> ask_once(std::optional<TokenForm>& form);
  base::Result<Answer> post(const TokenRequest& request);
  void advise(base::Error& failure, const Answer& answer, const TokenForm& form) const;
  base::Result<Fetched> read(const Answer& answer);
  base::Result<Fetched> finish_rotation();

  Cancellation cancellation_;
  std::atomic<bool> waits_for_pipe_ = false;
  const CredentialOptions options_;
  const std::unique_ptr<Endpoint> endpoint_;
  const base::Clock& clock_;
  const std::unique_ptr<RefreshTokens> refresh_tokens_;
  const std::unique_ptr<Fetcher> before_;  ///< null: there is none
  const std::shared_ptr<const Binding> binding_;
  const std::unique_ptr<Prover> prover_;  ///< null if `binding_` is
  std::string nonce_;                     ///< the endpoint's latest
  std::optional<GrantLock> grant_lock_;   ///< for the grant refresh_token
  std::optional<Rotation> unsaved_;
  /// The last token that came with a lifetime, and its end.
  std::optional<std::pair<base::Secret, base::Instant>> dated_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable spent_;
  bool spending_ = false;  // the server has a refresh token, and its answer has not come
};

}  // namespace bearer::token
