#include "token/oauth/discovered_endpoint.h"

#include <string>
#include <utility>

#include "base/log.h"
#include "token/oauth/discovery.h"

namespace bearer::token {
namespace {

/// The fault of a document's server that passes by itself; nullopt if it is none.
std::optional<base::Error> fault(const http::Url& issuer, const http::Url& url,
                                 const Answer& answer) {
  const bool quota = answer.status == 429;
  if (!quota && answer.status != 408 && answer.status < 500) return std::nullopt;
  return base::Error{quota ? base::Errc::token_rate_limited : base::Errc::token_server_error,
                     "the issuer " + issuer.text() + " answered " + std::to_string(answer.status) +
                         " when asked for its metadata (" + url.path + ")",
                     {},
                     answer.retry_after};
}

}  // namespace

DiscoveredEndpoint::DiscoveredEndpoint(EndpointOptions options, const base::Clock& clock, Make make)
    : options_(std::move(options)), clock_(clock), make_(std::move(make)) {}

net::Task<base::Result<Answer>> DiscoveredEndpoint::send(const TokenRequest& request) {
  const base::Instant now = clock_.now();
  if (!known_ || (now >= ages_at_ && now >= not_before_)) {
    base::Result<http::Url> found = co_await discover();
    if (found) {
      known_ = std::move(*found);
      ages_at_ = clock_.now() + kMetadataAge;
    } else if (!known_) {
      co_return found.error();
    } else {
      not_before_ = base::after(now, found.error().retry_after.value_or(base::Duration::zero()));
      const std::string reason = found.error().sentence();
      base::log(base::LogLevel::warning,
                "the issuer's metadata could not be had again; the token endpoint that it named "
                "before is used",
                {{"reason", std::string_view(reason)}});
    }
  }
  EndpointOptions options = options_;
  options.url = *known_;
  options.setting = "issuer";
  base::Result<Answer> answer = co_await ask(std::move(options), request);
  if (!answer || answer->status == 404) ages_at_ = base::Instant::min();  // it may have moved
  co_return answer;
}

net::Task<base::Result<http::Url>> DiscoveredEndpoint::discover() {
  const http::Url& issuer = options_.url;
  std::string statuses;
  std::optional<base::Error> passing;
  for (const http::Url& url : metadata_urls(issuer)) {
    EndpointOptions options = options_;
    options.url = url;
    options.what = options.setting = "issuer";
    const TokenRequest request{.verb = TokenRequest::Verb::get};
    const base::Result<Answer> document = co_await ask(std::move(options), request);
    if (!document) co_return document.error();
    if (document->status == 200) {
      co_return token_endpoint_in(*document, issuer, !options_.client_cert_file.empty());
    }
    std::optional<base::Error> failure = fault(issuer, url, *document);
    // A quota counts for both documents, so the second is not asked for.
    if (document->status == 429) co_return *std::move(failure);
    if (failure && (!passing || failure->retry_after > passing->retry_after)) {
      passing = std::move(failure);
    }
    statuses += (statuses.empty() ? "" : ", ") + url.path + " " + std::to_string(document->status);
  }
  if (passing) co_return *std::move(passing);
  co_return base::Error{
      base::Errc::token_malformed,
      "the issuer " + issuer.text() + " has no metadata document (" + statuses + ")",
      "check issuer, or set token_url"};
}

net::Task<base::Result<Answer>> DiscoveredEndpoint::ask(EndpointOptions options,
                                                        const TokenRequest& request) {
  const std::unique_ptr<Endpoint> endpoint = make_(std::move(options));
  co_return co_await endpoint->send(request);
}

}  // namespace bearer::token
