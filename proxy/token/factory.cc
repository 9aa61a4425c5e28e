#include "token/factory.h"

#include <utility>

#include "base/random.h"
#include "token/endpoint.h"
#include "token/log_observer.h"
#include "token/oauth_fetcher.h"
#include "token/waiting.h"

namespace bearer::token {
namespace {

std::unique_ptr<Fetcher> make_fetcher(const CredentialOptions& options, const base::Clock& clock) {
  auto endpoint = make_http_endpoint({.url = options.token_url,
                                      .ca_file = options.ca_file,
                                      .connect_timeout = options.connect_timeout,
                                      .answer_timeout = options.response_timeout},
                                     clock);
  return std::make_unique<OauthFetcher>(options, std::move(endpoint), clock);
}

}  // namespace

std::unique_ptr<Keeper> make_source(const CredentialOptions& options, const base::Clock& clock) {
  Keeper::Parts parts{.fetcher = make_fetcher(options, clock),
                      .waiting = std::make_unique<MachineWaiting>(clock),
                      .random = std::make_unique<base::JitterRandom>(),
                      .observer = std::make_unique<LogObserver>(options.name, clock)};
  return std::make_unique<Keeper>(options.refresh_margin, clock, std::move(parts));
}

base::Result<Fetched> fetch_once(const CredentialOptions& options, const base::Clock& clock) {
  Outcome<Fetched> outcome = make_fetcher(options, clock)->fetch();
  if (!outcome) return outcome.error().error();
  return std::move(*outcome);
}

}  // namespace bearer::token
