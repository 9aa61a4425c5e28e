#include "token/factory.h"

#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "token/command_fetcher.h"
#include "token/discovered_endpoint.h"
#include "token/endpoint.h"
#include "token/file_fetcher.h"
#include "token/log_observer.h"
#include "token/oauth_fetcher.h"
#include "token/waiting.h"

namespace bearer::token {
namespace {

std::unique_ptr<Endpoint> make_endpoint(const CredentialOptions& options,
                                        const base::Clock& clock) {
  EndpointOptions endpoint{.url = options.token_url,
                           .ca_file = options.ca_file,
                           .client_cert_file = options.client_cert_file,
                           .client_key_file = options.client_key_file,
                           .egress = options.egress,
                           .connect_timeout = options.connect_timeout,
                           .answer_timeout = options.response_timeout};
  if (!options.token_url.host.empty()) return make_http_endpoint(std::move(endpoint), clock);
  endpoint.url = options.issuer.value();
  return std::make_unique<DiscoveredEndpoint>(
      std::move(endpoint), clock,
      [&clock](EndpointOptions found) { return make_http_endpoint(std::move(found), clock); });
}

std::unique_ptr<Fetcher> make_fetcher(const CredentialOptions& options, const base::Clock& clock) {
  if (!options.token_file.empty()) return std::make_unique<FileFetcher>(options.token_file, clock);
  if (!options.token_command.empty()) {
    return std::make_unique<CommandFetcher>(
        CommandOptions{options.token_command, options.command_timeout},
        [name = options.name](std::string_view line) {
          base::log(base::LogLevel::warning, "the token command says",
                    {{"credential", std::string_view(name)}, {"line", line}});
        },
        clock);
  }
  return std::make_unique<OauthFetcher>(options, make_endpoint(options, clock), clock);
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
