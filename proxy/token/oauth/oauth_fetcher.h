// Gets a token from an OAuth 2.0 token endpoint: sends grant and client authentication, and reads
// the token with its expiry.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/shared.h"
#include "token/credential.h"
#include "token/fetch_queue.h"
#include "token/fetcher.h"
#include "token/oauth/endpoint.h"
#include "token/oauth/token_form.h"
#include "token/store/grant_lock.h"
#include "token/store/refresh_tokens.h"
#include "token/token_response.h"

namespace bearer::token {

class OauthFetcher final : public Fetcher {
 public:
  /// `loop` must outlive the fetcher. Without `refresh_tokens` they are in refresh_token_file.
  /// `before` gets the token of the request that comes first, where `options` have one. Without
  /// `binding`, tokens are Bearer's. Without `turn` it is always its turn.
  OauthFetcher(base::Shared<CredentialOptions> options, std::unique_ptr<Endpoint> endpoint,
               net::Loop& loop, std::unique_ptr<RefreshTokens> refresh_tokens,
               std::unique_ptr<Fetcher> before, std::shared_ptr<const Binding> binding,
               std::shared_ptr<FetchTurn> turn);

  /// Logs an error if a refresh token is lost with it.
  ~OauthFetcher() override;

  /// A rotated refresh token is saved before the access token that came with it is returned. If it
  /// cannot be written, an error is logged, and the access token is returned all the same: to hold
  /// it back would protect nothing, because the refresh token that was sent is spent.
  net::Task<base::Result<Fetched>> fetch() override;
  std::uint64_t fingerprint() const override;
  std::string waits_for_turn() const override;
  bool waits_for_another() const override { return grant_lock_ && grant_lock_->waits(); }
  bool waits_for_pipe() const override {
    return waits_for_pipe_ || (before_ && before_->waits_for_pipe());
  }
  bool spending() const override { return spending_ || (before_ && before_->spending()); }
  bool unsaved() const override {
    return refresh_tokens_.holds() || (before_ && before_->unsaved());
  }
  net::Task<void> save() override;
  base::Error ended() const override;
  net::Task<void> close() override;

 private:
  class PipeWait;

  net::Task<base::Result<void>> await_pipes();
  net::Task<base::Result<Fetched>> request();
  /// Holds a refresh token that came in place of the one that was used.
  void note_rotation(const Answer& answer, const TokenForm& form);
  /// Saves the refresh token that is held, if one is. Logs that it cannot be saved, and that it is
  /// saved after all.
  net::Task<void> save_rotation();
  void release_grant();
  /// Reads the request's parts, and fills in the form.
  net::Task<base::Result<TokenRequest>> prepare(TokenForm& form);
  base::Error before_failed(base::Error failure) const;
  /// Sends the request; a second time if the first proof lacked the server's nonce. `form` is the
  /// one that was sent last.
  net::Task<base::Result<Answer>> ask(std::optional<TokenForm>& form);
  net::Task<base::Result<Answer>> ask_once(std::optional<TokenForm>& form);
  net::Task<base::Result<Answer>> send(const TokenRequest& request);
  void advise(base::Error& failure, const Answer& answer, const TokenForm& form) const;
  /// Parses it. What it quotes of the server's texts has none of the form's secrets.
  base::Result<TokenResponse> parse(const Answer& answer, const TokenForm& form) const;
  base::Result<Fetched> read(const Answer& answer, const TokenForm& form);

  std::atomic<bool> waits_for_pipe_ = false;
  const SecretFile* awaited_ = nullptr;  ///< the pipe that is waited for
  const base::Shared<CredentialOptions> shared_options_;
  const CredentialOptions& options_;  ///< the same
  const std::unique_ptr<Endpoint> endpoint_;
  net::Loop& loop_;
  const base::Clock& clock_;
  HeldRefreshTokens refresh_tokens_;
  const std::unique_ptr<Fetcher> before_;  ///< null: there is none
  const std::shared_ptr<const Binding> binding_;
  const std::shared_ptr<FetchTurn> turn_;
  const std::unique_ptr<Prover> prover_;  ///< null if `binding_` is
  std::string nonce_;                     ///< the endpoint's latest
  std::optional<GrantLock> grant_lock_;   ///< for the grant refresh_token
  bool loss_said_ = false;                ///< that the one that is held cannot be saved
  /// A hash of the last token whose end was not past, and that end. It need not be
  /// SHA-256: OpenSSL's first digest would take a quarter of a start's time, and two tokens of one
  /// hash would at worst share an end.
  std::optional<std::pair<std::size_t, base::Instant>> known_end_;
  bool spending_ = false;  ///< a refresh token is at the server, and its answer is not in place
};

}  // namespace bearer::token
