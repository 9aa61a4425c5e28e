#include "app/upstream_from_token.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace bearer::app {
namespace {

base::Error refused(const config::UpstreamFromToken& rule, const std::string& why) {
  return {base::Errc::token_malformed, rule.attribute + ": " + why};
}

bool lies_in(std::string_view host, std::string_view domain) {
  if (host == domain) return true;
  if (!host.ends_with(domain)) return false;
  host.remove_suffix(domain.size());
  return host.size() > 1 && host.ends_with('.');
}

std::string list(const std::vector<std::string>& domains) {
  std::string text;
  for (const std::string& domain : domains) text += (text.empty() ? "" : ", ") + domain;
  return text;
}

std::string said_in(const config::UpstreamFromToken& rule, const token::Attributes& attributes) {
  const auto found = attributes.find(rule.attribute);
  return found == attributes.end() ? std::string() : found->second;
}

}  // namespace

base::Result<http::Url> named_upstream(const config::UpstreamFromToken& rule,
                                       std::string_view said) {
  auto url = http::parse_url(said);
  if (!url) return refused(rule, url.error().detail);
  if (!url->tls) return refused(rule, "it is not https");
  const bool within = std::ranges::any_of(
      rule.domains, [&](const std::string& domain) { return lies_in(url->host, domain); });
  if (!within) return refused(rule, "it lies in none of the provider's: " + list(rule.domains));
  if (!url->path.empty() && url->path != "/") return refused(rule, "it has a path or a query");
  url->path.clear();
  return url;
}

base::Result<void> move_routes(base::SharedList<relay::RouteOptions>& routes,
                               const config::UpstreamFromToken& rule,
                               const token::Attributes& attributes) {
  const std::string said = said_in(rule, attributes);
  if (said.empty()) return {};
  const base::Result<http::Url> named = named_upstream(rule, said);
  for (const std::size_t i : rule.routes) {
    if (routes[i].upstream.text() == said) continue;
    if (!named) return named.error();
    relay::RouteOptions moved = routes[i];
    moved.upstream = *named;
    routes.replace(i, std::move(moved));
  }
  return {};
}

base::SharedList<relay::RouteOptions> UpstreamsFromTokens::moved_routes(
    const config::Settings& settings, const CredentialSet::Refreshers& refreshers) {
  base::SharedList<relay::RouteOptions> routes = settings.routes;
  for (const config::UpstreamFromToken& rule : settings.upstreams_from_tokens) {
    const token::TokenPtr token = refreshers.at(rule.credential)->state().token;
    if (!token) continue;
    const base::Result<void> taken = move_routes(routes, rule, token->attributes);
    if (taken) {
      refused_.erase(rule.credential);
    } else {
      say_refused(rule.credential, said_in(rule, token->attributes), taken.error());
    }
  }
  return routes;
}

void UpstreamsFromTokens::say_refused(const std::string& credential, const std::string& said,
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
