// Decides who may ask the admin port. A page in a browser here reaches it too, and so may a name
// that somebody makes resolve to it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/answer.h"
#include "http/host_field.h"
#include "http/message.h"

namespace bearer::admin {

/// The refusal of a request that is for no Host of ours (421; `hosts` beside the loopback names, in
/// lower case), or that a browser sends for another site's page (403), or that is malformed (400).
/// In the absolute form the target's host counts, not the Host field's (RFC 9112 section 3.2.2).
/// The address at which the request came in is served, too: by that a scraper asks for a pod.
std::optional<Reply> access_check(const http::RequestHead& head,
                                  const std::vector<std::string>& hosts,
                                  const http::CameInAt& came_in_at);

/// The path that is asked for, without its query, in the target's origin or absolute form; any
/// other target as it is.
std::string_view path_asked(const http::RequestHead& head);
/// The part of the target after its `?`; empty where there is none.
std::string_view query_asked(const http::RequestHead& head);

}  // namespace bearer::admin
