#include "token/oauth/discovery.h"

#include <string>

#include "base/host.h"
#include "base/text.h"
#include "token/json.h"

namespace bearer::token {
namespace {

using nlohmann::json;

base::Error unusable(const http::Url& issuer, const std::string& why) {
  return {base::Errc::token_malformed,
          "the metadata document of the issuer " + issuer.text() + " " + why,
          "check issuer, or set token_url"};
}

const std::string* endpoint_text(const json& document, bool mutual_tls) {
  if (mutual_tls) {
    const auto aliases = document.find("mtls_endpoint_aliases");
    if (aliases != document.end() && aliases->is_object()) {
      if (const std::string* alias = text_member(*aliases, "token_endpoint")) return alias;
    }
  }
  return text_member(document, "token_endpoint");
}

http::Url without_slash(http::Url url) {
  if (url.path.ends_with('/')) url.path.pop_back();
  return url;
}

/// Compares URLs. A host's case, a default port and one slash at the end make no difference: the
/// documents of both spellings lie at the same place.
bool is_same(const std::string& text, const http::Url& issuer) {
  const auto url = http::parse_url(text);
  return url && without_slash(*url) == without_slash(issuer);
}

}  // namespace

std::array<http::Url, 2> metadata_urls(const http::Url& issuer) {
  std::string path = issuer.path;
  if (path.ends_with('/')) path.pop_back();
  http::Url openid = issuer, oauth = issuer;
  openid.path = path + "/.well-known/openid-configuration";
  oauth.path = "/.well-known/oauth-authorization-server" + path;
  return {openid, oauth};
}

base::Result<http::Url> token_endpoint_in(const Answer& document, const http::Url& issuer,
                                          bool mutual_tls) {
  const json body = parse_json(document.body.reveal());
  if (!body.is_object()) {
    const bool too_deep = base::json_too_deep(document.body.reveal());
    return unusable(issuer, too_deep ? std::string(base::kJsonTooDeep) : "is not a JSON object");
  }
  const std::string* said = text_member(body, "issuer");
  if (!said) return unusable(issuer, "names no issuer");
  if (!is_same(*said, issuer)) {
    return unusable(issuer, "is another issuer's: \"" + base::printable(*said, 200) + "\"");
  }
  const std::string* text = endpoint_text(body, mutual_tls);
  if (!text) return unusable(issuer, "names no token_endpoint");
  const auto url = http::parse_url(*text);
  if (!url) return unusable(issuer, "has a token_endpoint that is no URL: " + url.error().detail);
  // An endpoint without TLS gets the secret in plain text, so it must not be farther away than the
  // document's server.
  const bool farther = base::is_loopback(issuer.host) && !base::is_loopback(url->host);
  if (!url->tls && (issuer.tls || farther)) {
    return unusable(issuer, "has a token_endpoint without TLS" +
                                std::string(issuer.tls ? "" : " on another machine"));
  }
  return *url;
}

}  // namespace bearer::token
