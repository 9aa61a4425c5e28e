// Who may ask the admin port. A page in a browser on this machine reaches it too, and so may a name
// that somebody makes resolve to it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/answer.h"
#include "http/message.h"

namespace bearer::admin {

/// The refusal of a request that is for no Host of ours (421; `hosts` beside the loopback names, in
/// lower case), or that a browser sends for another site's page (403), or that is malformed (400).
std::optional<Answer> refuse(const http::RequestHead& head, const std::vector<std::string>& hosts);

}  // namespace bearer::admin
