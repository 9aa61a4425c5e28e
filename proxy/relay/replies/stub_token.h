// A placeholder for clients that get a token before anything else (--stub-token). It looks like a
// token and is worth nothing: whichever field they send it in, the proxy puts the real one there.
#pragma once

#include "base/clock.h"
#include "relay/replies/local_reply.h"

namespace bearer::relay {

/// The response of a token endpoint (RFC 6749 section 5.1), with a JWT that expires in a year.
LocalReply stub_token(base::WallTime now);

}  // namespace bearer::relay
