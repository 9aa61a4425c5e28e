// Sends a token request over HTTP/1.1: dials, sends, reads the whole answer (RFC 9112).
#pragma once

#include <cstddef>

#include "net/loop.h"
#include "net/resolver.h"
#include "net/task.h"
#include "token/oauth/endpoint.h"

namespace bearer::token {

inline constexpr std::size_t kAnswerBytesMax = 1u << 20;  ///< head and body: more is no token

/// Ends within the timeouts of `options`. Destroying the task releases all that it holds. All
/// references must outlive it.
///
/// Wipes the request's text and the answer's bytes. It cannot wipe what OpenSSL and the kernel keep
/// of them in their own buffers.
net::Task<base::Result<Answer>> http_request(net::Loop& loop, net::Resolver& resolver,
                                             const EndpointOptions& options,
                                             const TokenRequest& request);

}  // namespace bearer::token
