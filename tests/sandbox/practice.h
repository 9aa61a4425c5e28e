// Routes to practise on that no real API has: what came in, bytes on demand, statuses, delays.
#pragma once

#include "tests/sandbox/message.h"

namespace bearer::sandbox {

/// Any method on /echo: the request as JSON, its fields in the order of their names.
Answer echo(const Request& request);

/// /chunked/N: N bytes of the pattern without a Content-Length.
Answer chunked(const Request& request);

/// /status/CODE (200 to 599); each query parameter becomes a field: /status/503?Retry-After=2.
Answer status(const Request& request);

/// /delay/MS: answers after that long, at most a minute.
Answer delay(const Request& request);

/// /api/v2/whoami?id=X&size=N: X, and N characters (64 if left out, at most 1 MiB) that repeat it,
/// and the digest of the body: an answer to another request cannot be taken for this one's.
Answer whoami(const Request& request);

}  // namespace bearer::sandbox
