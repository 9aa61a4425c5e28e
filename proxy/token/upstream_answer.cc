#include "token/upstream_answer.h"

#include <algorithm>

namespace bearer::token {
namespace {

base::Error refused(const UpstreamAnswer& known, const std::string& why) {
  return {base::Errc::token_malformed, known.member + ": " + why};
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

}  // namespace

base::Result<http::Url> named_upstream(const UpstreamAnswer& known, std::string_view said) {
  auto url = http::parse_url(said);
  if (!url) return refused(known, url.error().detail);
  if (!url->tls) return refused(known, "it is not https");
  const bool within = std::ranges::any_of(
      known.domains, [&](const std::string& domain) { return lies_in(url->host, domain); });
  if (!within) return refused(known, "it lies in none of the provider's: " + list(known.domains));
  if (!url->path.empty() && url->path != "/") return refused(known, "it has a path or a query");
  url->path.clear();
  return url;
}

}  // namespace bearer::token
