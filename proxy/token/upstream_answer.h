// A provider whose token's answer says where the API is, as Salesforce's does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/url.h"

namespace bearer::token {

/// What we know of such a provider.
struct UpstreamAnswer {
  std::string member;                ///< of the answer's JSON; empty: it names no upstream
  std::vector<std::string> domains;  ///< the provider's own: the API is in one of them, or below

  bool operator==(const UpstreamAnswer&) const = default;
};

/// The upstream that an answer named with `said`, its path empty. An answer must not lead requests,
/// and their token, out of the provider's hands: Errc::token_malformed with a sentence for all but
/// an https origin within the domains.
base::Result<http::Url> named_upstream(const UpstreamAnswer& known, std::string_view said);

}  // namespace bearer::token
