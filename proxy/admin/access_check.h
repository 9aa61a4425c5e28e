// Decides who may use the admin port. A page in a browser on this machine can reach it, too, and so
// can a page whose name somebody makes resolve to it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/reply.h"
#include "http/host_field.h"
#include "http/message.h"

namespace bearer::admin {

/// Refuses a request that is for no Host of ours (421; `hosts` beside the loopback names, in lower
/// case), that a browser sends for another site's page (403), or that is malformed (400). In the
/// absolute form the target's host counts, not the Host field's (RFC 9112 section 3.2.2). The
/// address at which the request came in is served, too, because a scraper addresses a pod by it.
std::optional<Reply> access_check(const http::RequestHead& head,
                                  const std::vector<std::string>& hosts,
                                  const http::CameInAt& came_in_at);

/// The requested path, without its query, if the target is in origin or absolute form; any other
/// target as it is.
std::string_view path_asked(const http::RequestHead& head);
/// The part of the target after its `?`; empty if there is none.
std::string_view query_asked(const http::RequestHead& head);

}  // namespace bearer::admin
