// A token from an OAuth 2.0 token endpoint: secret, grant and client authentication go out, a token
// with its expiry comes back.
#pragma once

#include <memory>

#include "base/clock.h"
#include "token/credential.h"
#include "token/endpoint.h"
#include "token/fetcher.h"

namespace bearer::token {

class OauthFetcher final : public Fetcher {
 public:
  /// `clock` must outlive the fetcher.
  OauthFetcher(CredentialOptions options, std::unique_ptr<Endpoint> endpoint,
               const base::Clock& clock);

  Outcome<Fetched> fetch() override;
  std::uint64_t fingerprint() const override;
  void cancel() override { endpoint_->cancel(); }

 private:
  TokenRequest request(const base::Secret& client_secret) const;
  Outcome<Fetched> read(const Answer& answer) const;

  const CredentialOptions options_;
  const std::unique_ptr<Endpoint> endpoint_;
  const base::Clock& clock_;
};

}  // namespace bearer::token
