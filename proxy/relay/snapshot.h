// What a configuration says of requests. A reload puts another in its place as a whole: requests
// that come from then on go by it, and those under way end by the one that they began with.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "relay/admission.h"
#include "relay/options.h"
#include "relay/route.h"
#include "token/source.h"

namespace bearer::relay {

/// By the names that routes use. The last holder may let go of one on a loop's thread.
using TokenSources = std::map<std::string, std::shared_ptr<token::Source>>;

/// Shared by the loops. Immutable, but for the state of its routes.
struct Snapshot {
  /// What `before`, which may be null, has learned of its routes goes on: of one that is wanted as
  /// it was, all; of one whose upstream is the same, how long it asked to be left alone.
  Snapshot(const ServiceOptions& options, std::vector<RouteOptions> wanted,
           TokenSources its_credentials, const Snapshot* before = nullptr);

  const RouteTable routes;
  AdmissionRules rules;
  const std::size_t request_fields_max;
  const std::vector<unsigned> allowed_uids;  ///< users of this machine; empty: any
  const TokenSources credentials;
};

}  // namespace bearer::relay
