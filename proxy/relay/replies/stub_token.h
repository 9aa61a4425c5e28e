// A placeholder for clients that get themselves a token before anything else (--stub-token). It has
// the shape of one and is worth nothing: whatever they send it in, the proxy puts the real one
// there.
#pragma once

#include "base/clock.h"
#include "relay/replies/local_reply.h"

namespace bearer::relay {

/// The answer of a token endpoint (RFC 6749 section 5.1), with a JWT that ends in a year.
LocalReply stub_token(base::WallTime now);

}  // namespace bearer::relay
