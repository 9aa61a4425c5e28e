// One request to a token endpoint over HTTP/1.1: dial, send, read the whole answer (RFC 9112).
#pragma once

#include <cstddef>

#include "net/loop.h"
#include "net/resolver.h"
#include "net/task.h"
#include "token/oauth/endpoint.h"

namespace bearer::token {

inline constexpr std::size_t kAnswerBytesMax = 1u << 20;  ///< head and body: more is no token

/// Ends within the timeouts of `options`; what it holds is released by destroying the task. All
/// references must outlive it.
///
/// The request's text and the answer's bytes are wiped here. What OpenSSL and the kernel keep of
/// them in their own buffers cannot be.
net::Task<base::Result<Answer>> http_request(net::Loop& loop, net::Resolver& resolver,
                                             const EndpointOptions& options,
                                             const TokenRequest& request);

}  // namespace bearer::token
