// Routes whose upstream comes with a token: where the token endpoint's answer says that its API is,
// as Salesforce's `instance_url` does.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/credentials.h"
#include "base/result.h"
#include "config/settings.h"
#include "http/url.h"
#include "relay/options.h"

namespace bearer::app {

/// The upstream that an answer named with `said`, its path empty. An answer must not lead requests,
/// and their token, out of the provider's hands: Errc::token_malformed with a sentence for all but
/// an https origin within the rule's domains.
base::Result<http::Url> named_upstream(const config::UpstreamFromToken& rule,
                                       std::string_view said);

/// Has the rule's routes lead where a token's attributes say. Where that cannot be taken, the error
/// is named_upstream()'s, and nothing has changed.
base::Result<void> lead(std::vector<relay::RouteOptions>& routes,
                        const config::UpstreamFromToken& rule, const token::Attributes& attributes);

/// Used by one thread.
class UpstreamsFromTokens {
 public:
  /// The routes of `settings`, leading where the tokens that `keepers` have now say. What cannot be
  /// taken is said in the log, once for as long as it stays the same.
  std::vector<relay::RouteOptions> led(const config::Settings& settings,
                                       const CredentialSet::Keepers& keepers);

 private:
  void say_refused(const std::string& credential, const std::string& said,
                   const base::Error& error);

  std::map<std::string, std::string> refused_;  // by credential
};

}  // namespace bearer::app
