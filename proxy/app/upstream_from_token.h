// Routes whose upstream comes with a token: the token endpoint's response names its API, as
// Salesforce's `instance_url` does.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/credentials.h"
#include "base/result.h"
#include "base/shared.h"
#include "config/settings.h"
#include "http/url.h"
#include "relay/options.h"

namespace bearer::app {

/// The upstream that a response named with `said`, with an empty path. A response must not lead
/// requests, and their token, away from the provider: Errc::token_malformed with a sentence for
/// anything but an https origin within the rule's domains.
base::Result<http::Url> named_upstream(const config::UpstreamFromToken& rule,
                                       std::string_view said);

/// Moves the rule's routes to the upstream that a token's attributes name. If that is refused, the
/// error is named_upstream()'s, and nothing has changed.
base::Result<void> move_routes(base::SharedList<relay::RouteOptions>& routes,
                               const config::UpstreamFromToken& rule,
                               const token::Attributes& attributes);

/// Used by one thread.
class UpstreamsFromTokens {
 public:
  /// The routes of `settings`, moved to the upstreams that the current tokens of `refreshers` name.
  /// A refused upstream is logged, once for as long as it stays the same.
  base::SharedList<relay::RouteOptions> moved_routes(const config::Settings& settings,
                                                     const CredentialSet::Refreshers& refreshers);

 private:
  void say_refused(const std::string& credential, const std::string& said,
                   const base::Error& error);

  std::map<std::string, std::string> refused_;  // by credential
};

}  // namespace bearer::app
