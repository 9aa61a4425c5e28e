// Reads from Origin and Sec-Fetch-Site (the Fetch standard) for which site's page a browser sends a
// request. A client that is not a browser sends neither field.
#pragma once

#include <string_view>

#include "http/fields.h"

namespace bearer::http {

/// True if `origin` is the one by which the client addressed us: `http://` and that authority.
bool own_origin(std::string_view origin, std::string_view authority);

/// True if a Sec-Fetch-Site says that the page belongs to another site, or to another host of ours.
bool fetched_across_sites(const FieldList& fields);

}  // namespace bearer::http
