// Who a workload on AWS is, as a token that Google's STS takes: a signed request of
// GetCallerIdentity, which Google sends on to AWS (AIP-4117, google.aip.dev/auth/4117).
#pragma once

#include <functional>
#include <memory>
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

  /// What `source` does not hold is asked of the machine's metadata server at each fetch.
  /// `make_endpoint` leads there. `clock` must outlive the fetcher.
  AwsIdentityFetcher(AwsSource source, MakeEndpoint make_endpoint, const base::Clock& clock)
      : source_(std::move(source)), make_endpoint_(std::move(make_endpoint)), clock_(clock) {}

  /// Errc::token_malformed where the metadata server says something else than it should, or
  /// nothing: such as 404 where the machine has no role.
  net::Task<base::Result<Fetched>> fetch() override;

 private:
  using Verb = TokenRequest::Verb;

  /// The body of a 2xx. `what` is asked for, in words.
  net::Task<base::Result<base::Secret>> ask(const http::Url& url, Verb verb, const char* what,
                                            std::string_view field, const base::Secret& value);
  /// As ask(), with the token of a session, where one is wanted.
  net::Task<base::Result<base::Secret>> get(const http::Url& url, const char* what);
  net::Task<base::Result<std::string>> region();
  net::Task<base::Result<AwsKeys>> keys();
  base::Secret subject(const AwsKeys& keys, const std::string& region) const;

  const AwsSource source_;
  const MakeEndpoint make_endpoint_;
  const base::Clock& clock_;
  base::Secret session_;  ///< of this fetch, with the metadata server
};

}  // namespace bearer::token
