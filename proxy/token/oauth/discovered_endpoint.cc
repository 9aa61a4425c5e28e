#include "token/oauth/discovered_endpoint.h"

#include <string>
#include <utility>

#include "base/log.h"
#include "token/oauth/discovery.h"

namespace bearer::token {

DiscoveredEndpoint::DiscoveredEndpoint(EndpointOptions options, const base::Clock& clock, Make make)
    : options_(std::move(options)), clock_(clock), make_(std::move(make)) {}

net::Task<base::Result<Answer>> DiscoveredEndpoint::post(const TokenRequest& request) {
  if (!known_ || clock_.now() >= ages_at_) {
    base::Result<http::Url> found = co_await discover();
    if (found) {
      known_ = std::move(*found);
      ages_at_ = clock_.now() + kMetadataAge;
    } else if (!known_) {
      co_return found.error();
    } else {
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
    statuses += (statuses.empty() ? "" : ", ") + url.path + " " + std::to_string(document->status);
  }
  co_return base::Error{
      base::Errc::token_malformed,
      "the issuer " + issuer.text() + " has no metadata document (" + statuses + ")",
      "check issuer, or set token_url"};
}

net::Task<base::Result<Answer>> DiscoveredEndpoint::ask(EndpointOptions options,
                                                        const TokenRequest& request) {
  const std::unique_ptr<Endpoint> endpoint = make_(std::move(options));
  co_return co_await endpoint->post(request);
}

}  // namespace bearer::token
