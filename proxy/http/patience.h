// Reads how long the other side waits: a client for its answer, a server for the next request.
#pragma once

#include <optional>

#include "base/clock.h"
#include "http/fields.h"

namespace bearer::http {

/// Prefer: wait (RFC 7240 section 4.3), by which a client says how long it will wait: the first
/// well-formed one of all Prefer fields, ten years at most; nullopt if there is none.
std::optional<base::Duration> prefer_wait(const FieldList& fields);

/// Keep-Alive (RFC 2068 section 19.7.1.1), by which a server says how long it keeps an idle
/// connection: the shortest well-formed `timeout` of all Keep-Alive fields, ten years at most;
/// nullopt if there is none.
std::optional<base::Duration> keep_alive_timeout(const FieldList& fields);

}  // namespace bearer::http
