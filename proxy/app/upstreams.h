// Where routes lead: where a person or a preset says, unless a token's answer names another place.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/credentials.h"
#include "base/result.h"
#include "relay/options.h"
#include "token/credential.h"

namespace bearer::app {

/// Has those of `routes` that use `credential` lead where its token's answer `said` (see
/// token::Fetched), but for those whose upstream a person wrote. Errc::token_malformed with a
/// sentence where that cannot be taken; nothing has changed then.
base::Result<void> lead(std::vector<relay::RouteOptions>& routes,
                        const token::CredentialOptions& credential, std::string_view said);

/// Used by one thread.
class Upstreams {
 public:
  /// `routes`, leading where the tokens that `keepers` have now say. What cannot be taken is said
  /// in the log, once for as long as it stays the same.
  std::vector<relay::RouteOptions> led(std::vector<relay::RouteOptions> routes,
                                       const std::vector<token::CredentialOptions>& credentials,
                                       const CredentialSet::Keepers& keepers);

 private:
  void say_refused(const std::string& credential, const std::string& said,
                   const base::Error& error);

  std::map<std::string, std::string> refused_;  // by credential
};

}  // namespace bearer::app
