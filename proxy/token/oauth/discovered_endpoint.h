// Finds the token endpoint of an issuer by its metadata.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "token/oauth/endpoint.h"

namespace bearer::token {

/// A document is fetched again after this time, or earlier if the endpoint that it named gave no
/// answer, or a 404.
inline constexpr base::Duration kMetadataAge = std::chrono::hours(1);

class DiscoveredEndpoint final : public Endpoint {
 public:
  using Make = std::function<std::unique_ptr<Endpoint>(EndpointOptions)>;

  /// `options.url` is the issuer; the rest applies to the documents and to the endpoint. `make`
  /// makes the endpoints that requests go to. `clock` must outlive this object.
  DiscoveredEndpoint(EndpointOptions options, const base::Clock& clock, Make make);

  /// Discovers the endpoint first if necessary. If that fails, uses the one known from before.
  /// token_rate_limited, token_server_error: the document's server says that it has a fault that
  /// passes. A Retry-After of its is kept.
  net::Task<base::Result<Answer>> send(const TokenRequest& request) override;

 private:
  net::Task<base::Result<http::Url>> discover();
  net::Task<base::Result<Answer>> ask(EndpointOptions options, const TokenRequest& request);

  const EndpointOptions options_;
  const base::Clock& clock_;
  const Make make_;

  std::optional<http::Url> known_;
  base::Instant ages_at_ = base::Instant::min();
  base::Instant not_before_ = base::Instant::min();  // by a Retry-After, while one is known
};

}  // namespace bearer::token
