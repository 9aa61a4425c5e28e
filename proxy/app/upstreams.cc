#include "app/upstreams.h"

#include "base/log.h"
#include "token/upstream_answer.h"

namespace bearer::app {

base::Result<void> lead(std::vector<relay::RouteOptions>& routes,
                        const token::CredentialOptions& credential, std::string_view said) {
  if (said.empty()) return {};
  const auto named = token::named_upstream(credential.upstream_answer, said);
  for (relay::RouteOptions& route : routes) {
    const bool led = route.upstream_from_preset && route.credential == credential.name;
    if (!led || route.upstream.text() == said) continue;
    if (!named) return named.error();
    route.upstream = *named;
  }
  return {};
}

std::vector<relay::RouteOptions> Upstreams::led(
    std::vector<relay::RouteOptions> routes,
    const std::vector<token::CredentialOptions>& credentials,
    const CredentialSet::Keepers& keepers) {
  for (const token::CredentialOptions& credential : credentials) {
    const token::TokenPtr token = keepers.at(credential.name)->state().token;
    const std::string said = token ? token->upstream : std::string();
    const base::Result<void> taken = lead(routes, credential, said);
    if (taken) {
      refused_.erase(credential.name);
    } else {
      say_refused(credential.name, said, taken.error());
    }
  }
  return routes;
}

void Upstreams::say_refused(const std::string& credential, const std::string& said,
                            const base::Error& error) {
  std::string& before = refused_[credential];
  if (before == said) return;
  before = said;
  base::log(base::LogLevel::warning,
            "the token's answer names an upstream that cannot be taken: the configured one stays",
            {{"credential", std::string_view(credential)},
             {"named", std::string_view(said)},
             {"reason", std::string_view(error.detail)},
             {"fix", "set upstream to where the API is"}});
}

}  // namespace bearer::app
