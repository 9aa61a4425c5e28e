// The part of a configuration that concerns requests. A reload replaces it as a whole: new requests
// use the new one, and requests in flight keep the one that they began with.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/shared.h"
#include "relay/admission.h"
#include "relay/options.h"
#include "relay/route.h"
#include "token/source.h"

namespace bearer::relay {

/// The sources by the names that routes use. The last holder may destroy one on a loop's thread.
using TokenSources = std::map<std::string, std::shared_ptr<token::Source>>;

/// Shared by the loops. Immutable, but for the state of its routes.
struct Snapshot {
  /// Takes over what `before`, which may be null, has learned about its routes: everything for a
  /// route that is wanted as it was, and the pause for one whose upstream is the same.
  Snapshot(const ServiceOptions& options, const base::SharedList<RouteOptions>& wanted,
           TokenSources its_credentials, const Snapshot* before = nullptr);

  const RouteTable routes;
  AdmissionRules rules;
  const std::size_t request_fields_max;
  const std::vector<unsigned> allowed_uids;  ///< users of this machine; empty: any
  const TokenSources credentials;
};

}  // namespace bearer::relay
