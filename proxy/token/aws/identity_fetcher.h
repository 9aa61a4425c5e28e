// Proves which workload on AWS this is, by a token that Google's STS takes: a signed request of
// GetCallerIdentity, which Google sends to AWS (AIP-4117, google.aip.dev/auth/4117).
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "token/aws/signature.h"
#include "token/fetcher.h"
#include "token/oauth/endpoint.h"

namespace bearer::token {

class AwsIdentityFetcher final : public Fetcher {
 public:
  using MakeEndpoint = std::function<std::unique_ptr<Endpoint>(const http::Url&)>;

  /// At each fetch, missing parts of `source` are requested from the machine's metadata server,
  /// through `make_endpoint`. `clock` must outlive the fetcher.
  AwsIdentityFetcher(AwsSource source, MakeEndpoint make_endpoint, const base::Clock& clock)
      : source_(std::move(source)), make_endpoint_(std::move(make_endpoint)), clock_(clock) {}

  /// Errc::token_malformed if the metadata server gives no usable answer, such as a 404 because the
  /// machine has no role.
  base::Result<Fetched> fetch() override;
  void cancel() override;

 private:
  using Verb = TokenRequest::Verb;

  /// Returns the body of a 2xx. `what` says in words what is requested.
  base::Result<base::Secret> ask(const http::Url& url, Verb verb, const char* what,
                                 std::string_view field, const base::Secret& value);
  /// As ask(), with a session's token if the server wants one.
  base::Result<base::Secret> get(const http::Url& url, const char* what);
  base::Result<std::string> region();
  base::Result<AwsKeys> keys();
  base::Secret subject(const AwsKeys& keys, const std::string& region) const;

  const AwsSource source_;
  const MakeEndpoint make_endpoint_;
  const base::Clock& clock_;
  base::Secret session_;  ///< of this fetch; for the metadata server

  std::mutex mutex_;  // guards what follows
  std::shared_ptr<Endpoint> asked_;
  bool cancelled_ = false;
};

}  // namespace bearer::token
