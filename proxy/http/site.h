// A browser says in Origin and Sec-Fetch-Site (the Fetch standard) for which site's page it sends a
// request. A client that is no browser sends neither field.
#pragma once

#include <string_view>

#include "http/fields.h"

namespace bearer::http {

/// `origin` is the one by which the client addressed us: `http://` and that authority.
bool own_origin(std::string_view origin, std::string_view authority);

/// Some Sec-Fetch-Site says that the page is another site's, or another host's of ours.
bool fetched_across_sites(const FieldList& fields);

}  // namespace bearer::http
